// The replay charts: levels above, people below; one cursor runs over both, the line below reads it out, a click opens the interval.
(() => {
  const places = [...document.querySelectorAll("[data-replay]")];
  if (!places.length || !window.uPlot) return;
  const data = JSON.parse(document.getElementById("replay-data").textContent);
  const MARK_PX = 62; // a mark along the axis of time with its weekday
  const readout = document.getElementById(places[0].getAttribute("aria-describedby"));
  const x = data.start_s;
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const show = (value) => (value == null ? "–" : number.format(value));
  const curves = {
    levels: [["planned", "--ink-3", 1.5], ["kept", "--accent", 2]],
    people: [["needed", "--ink-3", 1.5], ["there", "--accent", 2], ["clairvoyant", "--coach", 1.5, [5, 4]]],
  };
  let charts = [], index = null;

  function colour(name) {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    places[0].append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }
  function read(i) {
    const words = data.words;
    const parts = ["planned", "kept"].map((name) => `${words[name]} ${show(data[name][i])} %`);
    parts.push(...["needed", "there", "clairvoyant"].map((name) => `${words[name]} ${show(data[name][i])}`));
    readout.textContent = `${data.labels[i]} · ${parts.join(" · ")}`;
  }
  function promise(u) {
    if (data.promised == null) return;
    const { ctx, bbox } = u, at = Math.round(u.valToPos(100 * data.promised, "y", true));
    ctx.save();
    ctx.strokeStyle = colour("--bad");
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath(); ctx.moveTo(bbox.left, at); ctx.lineTo(bbox.left + bbox.width, at); ctx.stroke();
    ctx.restore();
  }
  function moved(u) {
    const i = u.cursor.idx;
    if (i == null || i === index) return;
    index = i;
    read(i);
    charts.filter((other) => other !== u).forEach((other) => put(other, i));
  }
  const put = (u, i) => u.setCursor({ left: u.valToPos(x[i], "x"), top: 0 });
  const open = (i) => { if (i != null && data.kept[i] != null) location.assign(`${data.address}${x[i]}#opened`); };

  function options(place, kind) {
    const quiet = colour("--ink-3"), line = colour("--line"), levels = kind === "levels";
    const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: data.zone });
    const along = data.days.length > 1
      ? { splits: () => data.days.map((day) => day.start_s), values: () => data.days.map((day) => (place.clientWidth < MARK_PX * data.days.length && data.days.length <= 14 ? day.short : day.label)), align: 1, space: 40 }
      : { values: (u, ticks) => ticks.map((s) => clock.format(new Date(s * 1e3))) };
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    return {
      width: place.clientWidth, height: place.clientHeight, tzDate: (s) => uPlot.tzDate(new Date(s * 1e3), data.zone),
      legend: { show: false }, cursor: { points: { size: 6 }, drag: { x: false, y: false }, y: false },
      scales: { x: { time: true }, y: { range: (u, low, high) => (levels ? [0, 100] : [0, Math.max(high * 1.06, 1)]) } },
      axes: [
        { ...axis, ...along, size: 30 },
        { ...axis, size: 44, values: (u, ticks) => ticks.map(show) },
      ],
      series: [{}, ...curves[kind].map(([, name, width, dash]) => ({ stroke: colour(name), width, dash, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }))],
      hooks: { setCursor: [moved], draw: levels ? [promise] : [] },
    };
  }
  function draw() {
    charts.forEach((chart) => chart.destroy());
    charts = [];
    charts = places.map((place) => {
      const kind = place.dataset.replay;
      return new uPlot(options(place, kind), [x, ...curves[kind].map(([name]) => data[name])], place);
    });
    if (index != null) charts.forEach((chart) => put(chart, index));
  }
  function move(i) {
    index = Math.max(0, Math.min(x.length - 1, i));
    read(index);
    charts.forEach((chart) => put(chart, index));
  }
  const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -data.per_day, PageDown: data.per_day, Home: -1e9, End: 1e9 };
  places.forEach((place, n) => {
    place.addEventListener("click", () => open(charts[n].cursor.idx));
    place.addEventListener("focus", () => { if (index == null && place.matches(":focus-visible")) move(Math.max(0, data.kept.findIndex((level) => level != null))); });
    place.addEventListener("keydown", (event) => {
      if (event.key === "Enter") open(index);
      if (!(event.key in steps)) return;
      event.preventDefault();
      move((index ?? 0) + steps[event.key]);
    });
    new ResizeObserver(() => charts[n]?.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(place);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
