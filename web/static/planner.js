// Planners' pages: arrow keys in tables, drop zone, pickers that submit themselves, copying a link, lost connections.
(() => {
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  // One stop for the Tab key in each table marked data-grid; arrows move inside, Home and End along the row.
  function cellsOf(grid) {
    return [...grid.querySelectorAll("tbody tr, li.axis")].map((row) => [...row.querySelectorAll("[data-cell]")]).filter((row) => row.length);
  }
  function prepare(grid) {
    const all = [...grid.querySelectorAll("[data-cell]")];
    const start = all.find((cell) => cell.hasAttribute("aria-current")) || all[0];
    all.forEach((cell) => { cell.tabIndex = cell === start ? 0 : -1; });
  }
  function focusOn(grid, cell) {
    if (!cell) return;
    grid.querySelectorAll('[data-cell][tabindex="0"]').forEach((old) => { old.tabIndex = -1; });
    cell.tabIndex = 0;
    cell.focus();
  }
  // The neighbour in another row is the one that stands at the same place on the screen: rows may have gaps.
  function nearest(row, x) {
    const distance = (cell) => Math.abs(cell.getBoundingClientRect().x - x);
    return row.reduce((best, cell) => (distance(cell) < distance(best) ? cell : best));
  }
  function target(grid, cell, event) {
    const rows = cellsOf(grid);
    const r = rows.findIndex((row) => row.includes(cell));
    const c = rows[r].indexOf(cell);
    if (event.key === "Home") return event.ctrlKey ? rows[0][0] : rows[r][0];
    if (event.key === "End") return event.ctrlKey ? rows.at(-1).at(-1) : rows[r].at(-1);
    const [down, along] = moves[event.key];
    if (along) return rows[r][c + along];
    const other = rows[r + down];
    return other && nearest(other, cell.getBoundingClientRect().x);
  }
  document.addEventListener("keydown", (event) => {
    const grid = event.target.closest?.("[data-grid]");
    const cell = event.target.closest?.("[data-cell]");
    if (!grid || !cell || event.altKey || event.metaKey || !(event.key in moves || event.key === "Home" || event.key === "End")) return;
    event.preventDefault();
    focusOn(grid, target(grid, cell, event));
  });
  document.addEventListener("click", (event) => {
    const grid = event.target.closest?.("[data-grid]");
    const cell = event.target.closest?.("[data-cell]");
    if (!grid || !cell) return;
    grid.querySelectorAll("[data-cell][aria-current]").forEach((old) => old.removeAttribute("aria-current"));
    cell.setAttribute("aria-current", "true");
    focusOn(grid, cell);
  });

  function prepareAll(root) { root.querySelectorAll("[data-grid]").forEach(prepare); }
  // Marks that a part of the page brings for cells of the table beside it.
  function markCarried(root) {
    root.querySelectorAll("[data-carried]").forEach((mark) => {
      const cell = document.querySelector(`[data-start="${mark.dataset.carried}"]`);
      if (!cell || cell.dataset.more) return;
      cell.dataset.more = mark.dataset.more;
      cell.closest("td").classList.add("carried");
      cell.insertAdjacentHTML("beforeend", '<span class="hidden"></span>');
      cell.lastElementChild.textContent = mark.dataset.more;
      document.querySelector("[data-carried-legend]")?.removeAttribute("hidden");
    });
  }
  document.addEventListener("htmx:afterSwap", (event) => markCarried(event.target));
  prepareAll(document);
  document.addEventListener("htmx:afterSwap", (event) => prepareAll(event.target));

  // Pickers.
  document.addEventListener("change", (event) => {
    if (event.target.closest("form[data-auto]") && event.target.matches("select, input[type=radio], input[type=date]")) event.target.form.requestSubmit();
  });

  // Drop zone.
  document.querySelectorAll("[data-drop]").forEach((zone) => {
    const input = zone.querySelector("input[type=file]");
    const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle("over", on); };
    zone.addEventListener("dragover", over(true));
    zone.addEventListener("dragleave", over(false));
    zone.addEventListener("drop", (event) => {
      over(false)(event);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      zone.closest("form").requestSubmit();
    });
  });

  // Links that are shown once.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
    button.textContent = button.dataset.copied;
  });

  document.addEventListener("htmx:sendError", () => {
    const place = document.getElementById("messages");
    const text = place?.dataset.offline;
    if (!text || place.querySelector("[data-lost]")) return;
    place.insertAdjacentHTML("beforeend", '<div class="notice warn" role="alert" data-lost><p></p></div>');
    place.querySelector("[data-lost] p").textContent = text;
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr?.status) document.querySelector("[data-lost]")?.remove(); });
})();
