// Every page: warns a minute before the idle log-off, and lets the person stay.
(() => {
  const dialog = document.getElementById("idle");
  if (!dialog) return;
  const warnAt = 60;
  const left = dialog.querySelector("[data-left]");
  const state = dialog.dataset.state;
  const leave = () => { location.href = dialog.dataset.leave; };
  let timer = 0;

  async function look() {
    const answer = await fetch(state, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer) return later(30);
    if (answer.status === 401) return leave();
    const seconds = (await answer.json()).left_s;
    if (seconds <= 0) return leave();
    if (seconds > warnAt) { if (dialog.open) dialog.close(); return later(Math.min(seconds - warnAt, 600)); }
    left.textContent = seconds;
    if (!dialog.open) dialog.showModal();
    later(Math.min(5, seconds));
  }
  function later(seconds) { clearTimeout(timer); timer = setTimeout(look, Math.max(1, seconds) * 1000); }

  dialog.querySelector("button").addEventListener("click", async () => {
    await fetch(dialog.dataset.stay);
    dialog.close();
    later(warnAt);
  });
  later(Number(dialog.dataset.idle) - warnAt);
})();
