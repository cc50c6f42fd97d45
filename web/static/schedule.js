// The schedule page: drag a shift or its edges, the same by keys, dialogs, undo and redo. What is asked for goes to the server, which answers with the plan.
(() => {
  const plan = document.getElementById("plan");
  const drawer = document.getElementById("drawer");
  const keys = document.getElementById("keys");
  if (!plan) return;
  const STEP = 15, EDGE_PX = 8, FINGER_EDGE_PX = 18, STARTS_PX = 4, SCROLLS_PX = 9, HOLD_MS = 320, WAIT_MS = 350;
  let drag = null, dropped = false, pending = null, place = null;

  // What would become of a shift: `earlier` minutes off its start, another length, another person.
  const lane = (shift) => shift.closest("[data-agent]");
  const lengths = (shift) => lane(shift).dataset.lengths.split(" ").filter(Boolean).map(Number);
  const nearest = (values, wanted) => values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best), values[0] ?? wanted);
  const pixels = (shift) => shift.getBoundingClientRect().width / Number(shift.dataset.minutes);
  const said = (minutes) => `${String(Math.floor(((minutes % 1440) + 1440) % 1440 / 60)).padStart(2, "0")}:${String(((minutes % 60) + 60) % 60).padStart(2, "0")}`;

  function tell(shift, wish) {
    let tip = plan.querySelector(".drag-tip");
    if (!tip) { tip = document.createElement("output"); tip.className = "drag-tip"; plan.append(tip); }
    const [hour, minute] = shift.dataset.clock.split(":").map(Number);
    const begin = hour * 60 + minute + wish.moved;
    const other = wish.agent && wish.agent !== lane(shift).dataset.agent ? ` ${plan.querySelector(`[data-agent="${CSS.escape(wish.agent)}"] .name b`)?.textContent}` : "";
    tip.textContent = `${wish.copy ? `${plan.dataset.copyHint} ` : ""}${said(begin)}–${said(begin + wish.minutes)}${other}`;
    const box = shift.getBoundingClientRect();
    tip.style.left = `${Math.max(4, box.left)}px`;
    tip.style.top = `${Math.max(4, box.top - 30)}px`;
  }
  function preview(shift, wish, down = 0) {
    shift.classList.add("dragging");
    shift.style.transform = `translate(${wish.moved * wish.px}px, ${down}px)`;
    shift.style.width = wish.minutes === Number(shift.dataset.minutes) ? "" : `${wish.minutes * wish.px}px`;
    tell(shift, wish);
  }
  function forget(shift) {
    shift.classList.remove("dragging");
    shift.removeAttribute("style");
    plan.querySelector(".drag-tip")?.remove();
  }

  // One request at a time: each names what the page shows, so it waits for the answer to the one before.
  const waiting = [];
  let busy = false;
  function next() {
    while (!busy && waiting.length) busy = waiting.shift()();
  }
  function inTurn(begin) {
    waiting.push(begin);
    next();
  }
  function answered() {
    busy = false;
    next();
  }
  function failed() {
    waiting.length = 0;
    busy = false;
  }
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target === plan) answered(); });
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  function post(address, values) {
    window.htmx.ajax("POST", address, { target: "#plan", swap: "innerHTML", values });
    return true;
  }
  function send(action, { id }, more = () => ({})) {
    inTurn(() => {
      const shift = document.getElementById(id);
      return shift !== null && post(plan.dataset.edit, { do: action, agent: lane(shift).dataset.agent, start_s: shift.dataset.shift, row_version: shift.dataset.version, ...more(shift) });
    });
  }
  function ask(shift, wish) {
    const chosen = picked();
    if (chosen.length > 1 && chosen.includes(shift) && wish.moved && !wish.copy && wish.minutes === Number(shift.dataset.minutes)) {
      forget(shift);
      return sendMany("move", wish.moved);
    }
    const same = !wish.moved && wish.minutes === Number(shift.dataset.minutes) && (!wish.agent || wish.agent === lane(shift).dataset.agent);
    if (same) return forget(shift);
    const to = (now) => ({ to_start_s: Number(now.dataset.shift) + wish.moved * 60, to_agent: wish.agent || "" });
    send(wish.copy ? "copy" : "change", shift, wish.copy ? to : (now) => ({ ...to(now), minutes: wish.minutes }));
  }

  // Several at once: Shift-click or Space chooses, the bar below acts on all of them as one edit.
  const bar = document.getElementById("chosen");
  const picked = () => [...plan.querySelectorAll("a.shift.picked")];
  function showChosen() {
    if (!bar) return;
    const count = picked().length;
    bar.hidden = !count;
    bar.querySelector("[data-count]").textContent = count;
  }
  function pick(shift) {
    shift.classList.toggle("picked");
    showChosen();
  }
  function pickNone() {
    picked().forEach((shift) => shift.classList.remove("picked"));
    showChosen();
  }
  function sendMany(action, by) {
    const ids = picked().map((shift) => shift.id);
    inTurn(() => {
      const shifts = ids.map((id) => document.getElementById(id)).filter(Boolean);
      const named = shifts.map((shift) => `${shift.dataset.shift}:${shift.dataset.version}:${lane(shift).dataset.agent}`).join(",");
      return shifts.length > 0 && post(bar.dataset.many, { do: action, by_minutes: by || "", shifts: named });
    });
  }
  bar?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.do) sendMany(button.dataset.do, Number(button.dataset.by));
    else if ("activity" in button.dataset) addActivity(picked(), "meeting");
    else pickNone();
  });

  // Pointer. A finger first holds a shift until it lifts, so that the page can still be scrolled.
  function begin(event) {
    const shift = event.target.closest?.("a.shift");
    if (!shift || !plan.dataset.edit || event.button || event.shiftKey || drag) return;
    const box = shift.getBoundingClientRect(), finger = event.pointerType === "touch";
    const reach = finger ? Math.min(FINGER_EDGE_PX, box.width / 4) : EDGE_PX;
    const edge = event.clientX < box.left + reach ? "left" : event.clientX > box.right - reach ? "right" : "";
    drag = { shift, edge, x: event.clientX, y: event.clientY, px: pixels(shift), on: false, wish: null, waits: finger, pointer: event.pointerId };
    if (finger) drag.timer = setTimeout(lift, HOLD_MS);
  }
  function lift() {
    if (!drag) return;
    drag.waits = false;
    drag.on = true;
    drag.wish = { moved: 0, minutes: Number(drag.shift.dataset.minutes), px: drag.px };
    drag.shift.classList.add("held");
    preview(drag.shift, drag.wish);
    navigator.vibrate?.(12);
  }
  function letGo() {
    clearTimeout(drag?.timer);
    drag?.shift.classList.remove("held");
    drag = null;
  }
  function wishOf(event) {
    const { shift, edge, px } = drag, minutes = Number(shift.dataset.minutes);
    const by = Math.round((event.clientX - drag.x) / px / STEP) * STEP;
    if (edge) {
      const wanted = nearest(lengths(shift), minutes + (edge === "right" ? by : -by));
      return { moved: edge === "left" ? minutes - wanted : 0, minutes: wanted, px };
    }
    const over = document.elementsFromPoint(event.clientX, event.clientY).map((one) => one.closest("li[data-agent]")).find(Boolean);
    return { moved: by, minutes, px, agent: over?.dataset.lengths ? over.dataset.agent : "", copy: event.ctrlKey };
  }
  function move(event) {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (drag.waits) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > SCROLLS_PX) letGo();
      return;
    }
    if (!drag.on && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < STARTS_PX) return;
    drag.on = true;
    drag.wish = wishOf(event);
    preview(drag.shift, drag.wish, drag.edge ? 0 : event.clientY - drag.y);
  }
  function end(event) {
    if (!drag) return;
    const { shift, on, wish } = drag;
    letGo();
    if (!on) return;
    dropped = true;
    setTimeout(() => { dropped = false; }, 0);
    if (event.type === "pointerup") ask(shift, wish); else forget(shift);
  }
  plan.addEventListener("pointerdown", begin);
  plan.addEventListener("touchmove", (event) => { if (drag?.on) event.preventDefault(); }, { passive: false });
  plan.addEventListener("contextmenu", (event) => { if (drag) event.preventDefault(); });
  plan.addEventListener("click", (event) => {
    const shift = event.shiftKey && plan.dataset.edit && event.target.closest?.("a.shift");
    if (shift) { event.preventDefault(); event.stopPropagation(); pick(shift); }
  }, true);
  plan.addEventListener("click", (event) => { if (dropped) { event.preventDefault(); event.stopPropagation(); } }, true);
  plan.addEventListener("dragstart", (event) => event.preventDefault());
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);

  // Keys: steps that follow each other quickly become one edit.
  function settle() {
    if (!pending) return;
    const { shift, wish } = pending;
    clearTimeout(pending.timer);
    pending = null;
    ask(shift, wish);
  }
  function step(shift, way, longer) {
    if (pending?.shift !== shift) settle();
    pending ||= { shift, wish: { moved: 0, minutes: Number(shift.dataset.minutes), px: pixels(shift) } };
    const { wish } = pending, all = lengths(shift);
    if (!longer) wish.moved += way * STEP;
    else wish.minutes = (way > 0 ? all.find((one) => one > wish.minutes) : all.findLast((one) => one < wish.minutes)) ?? wish.minutes;
    preview(shift, wish);
    clearTimeout(pending.timer);
    pending.timer = setTimeout(settle, WAIT_MS);
  }
  function back(button) {
    inTurn(() => {
      const now = plan.querySelector(button);
      if (!now || now.disabled) return false;
      now.click();
      return true;
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, select, textarea, dialog")) return;
    const shift = plan.dataset.edit && event.target.closest?.("a.shift");
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const key = event.key.toLowerCase();
    if (!event.altKey && !["Shift", "Control", "Meta"].includes(event.key)) settle(); // another key comes after the steps before it
    if (shift && event.altKey && way) step(shift, way, event.shiftKey);
    else if (shift && key === "p" && !event.ctrlKey && !event.metaKey) send("pinned" in shift.dataset ? "unpin" : "pin", shift);
    else if (shift && (key === "m" || key === "c") && !event.ctrlKey && !event.metaKey) addActivity(picked().includes(shift) ? picked() : [shift], key === "m" ? "meeting" : "coaching");
    else if (shift && event.key === " ") pick(shift);
    else if (event.key === "Escape" && picked().length) pickNone();
    else if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) back(key === "y" || event.shiftKey ? "[data-redo]" : "[data-undo]");
    else if (event.key === "?") keys.showModal();
    else return;
    event.preventDefault();
  });

  function addActivity(shifts, kind) {
    const address = new URL(plan.querySelector("[data-add-activity]").href);
    address.searchParams.set("kind", kind);
    shifts.forEach((shift) => address.searchParams.append("agent", lane(shift).dataset.agent));
    window.htmx.ajax("GET", address.pathname + address.search, { target: "#drawer", swap: "innerHTML" });
  }

  // Dialogs.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-close]")) event.target.closest("dialog").close();
    if (event.target.closest?.("[data-keys]")) keys.showModal();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event;
    plan.querySelectorAll(".dragging").forEach(forget); // what htmx carries over from old to new elements must hold no style
    if (detail.target === plan) place = [...plan.querySelectorAll(".board")].map((board) => [board.scrollLeft, board.scrollTop]);
    if (detail.isError) {
      const trouble = drawer.open && drawer.querySelector("[data-trouble]");
      if (trouble) { detail.target = trouble; detail.swapOverride = "innerHTML"; }
      if (detail.xhr.status === 409) window.htmx.ajax("GET", plan.dataset.plan, { target: "#plan", swap: "innerHTML" });
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === drawer && !drawer.open) drawer.showModal();
    if (event.detail.target !== plan) return;
    pickNone();
    const asked = event.detail.requestConfig;
    if (asked?.verb === "post") {
      document.getElementById("messages").replaceChildren();
      if (drawer.contains(asked.elt)) drawer.close(); // one that was opened while an undo was under way stays open
    }
    plan.querySelectorAll(".board").forEach((board, i) => { if (place?.[i]) [board.scrollLeft, board.scrollTop] = place[i]; });
  });
  document.addEventListener("htmx:sendError", () => { plan.querySelectorAll(".dragging").forEach(forget); });
})();
