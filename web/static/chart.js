// The forecast chart: bands, mean, what came; keys and pointer move one cursor, the line below reads it out.
(() => {
  const place = document.querySelector("[data-chart]");
  if (!place || !window.uPlot) return;
  const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const readout = document.getElementById(place.getAttribute("aria-describedby"));
  const x = data.start_s;
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const show = (value) => (value == null ? "–" : number.format(value));
  const MARK_PX = 62;
  let chart = null;

  function colour(name, alpha) {
    const probe = document.createElement("i");
    probe.style.color = alpha ? `color-mix(in srgb, var(${name}) ${alpha}%, transparent)` : `var(${name})`;
    place.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }
  const marks = () => data.days.map((day) => (place.clientWidth < MARK_PX * data.days.length && data.days.length <= 14 ? day.short : day.label));
  function read(u) {
    const i = u.cursor.idx;
    if (i == null) return;
    const parts = [`<b></b>`, `${data.words.forecast} ${show(data.mean[i])}`, `80 % ${show(data.low80[i])}–${show(data.high80[i])}`];
    if (data.low95[i] != null) parts.push(`95 % ${show(data.low95[i])}–${show(data.high95[i])}`);
    if (data.other && data.other[i] != null) parts.push(`${data.words.other} ${show(data.other[i])}`);
    if (data.actual[i] != null) parts.push(`${data.words.actual} ${show(data.actual[i])}`);
    readout.innerHTML = parts.join(" · ");
    readout.querySelector("b").textContent = data.labels[i];
  }
  function now(u) {
    if (data.now_s == null || data.now_s < x[0] || data.now_s > x.at(-1)) return;
    const at = Math.round(u.valToPos(data.now_s, "x", true));
    const { ctx, bbox } = u;
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour("--bad");
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath(); ctx.moveTo(at, bbox.top); ctx.lineTo(at, bbox.top + bbox.height); ctx.stroke();
    ctx.font = `${12 * devicePixelRatio}px system-ui`;
    ctx.textAlign = "left";
    ctx.fillText(data.words.now, at + 6 * devicePixelRatio, bbox.top + 12 * devicePixelRatio);
    ctx.restore();
  }
  function options() {
    const accent = colour("--accent"), ink = colour("--ink"), quiet = colour("--ink-3"), line = colour("--line");
    const edge = { width: 0, points: { show: false }, stroke: "transparent" };
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    return {
      width: place.clientWidth, height: place.clientHeight, tzDate: (s) => uPlot.tzDate(new Date(s * 1e3), data.zone),
      legend: { show: false }, cursor: { points: { size: 7 }, drag: { x: false, y: false }, y: false },
      scales: { x: { time: true }, y: { range: (u, low, high) => [0, Math.max(high * 1.06, 1)] } },
      axes: [
        { ...axis, splits: () => data.days.map((day) => day.start_s), values: marks, align: data.daily ? 0 : 1, space: 40, size: 30 },
        { ...axis, size: 52, values: (u, ticks) => ticks.map(show) },
      ],
      bands: [{ series: [1, 2], fill: colour("--accent", 12) }, { series: [3, 4], fill: colour("--accent", 22) }],
      series: [{}, edge, edge, edge, edge, { stroke: accent, width: 2, points: { show: Boolean(data.daily), size: 6 } },
        { stroke: ink, width: 0, paths: () => null, points: { show: true, size: data.daily ? 8 : 4.5, fill: ink, stroke: ink } },
        ...(data.other ? [{ stroke: colour("--coach"), width: 2, dash: [6, 4], points: { show: false } }] : [])],
      hooks: { setCursor: [read], draw: [now] },
    };
  }
  function draw() {
    const index = chart?.cursor.idx;
    chart?.destroy();
    chart = new uPlot(options(), [x, data.high95, data.low95, data.high80, data.low80, data.mean, data.actual, ...(data.other ? [data.other] : [])], place);
    if (index != null) move(index);
  }
  function move(index) {
    const i = Math.max(0, Math.min(x.length - 1, index));
    chart.setCursor({ left: chart.valToPos(x[i], "x"), top: chart.valToPos(data.mean[i] ?? 0, "y") });
  }
  const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -data.per_day, PageDown: data.per_day, Home: -1e9, End: 1e9 };
  place.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    move((chart.cursor.idx ?? 0) + steps[event.key]);
  });
  place.addEventListener("focus", () => { if (chart.cursor.idx == null) move(0); });
  new ResizeObserver(() => chart?.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
