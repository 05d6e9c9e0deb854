"use strict";
(() => {
  const MISSING = /^–/;
  const UNITS = { h: 3600, min: 60, s: 1 };

  function valueOf(cell, kind) {
    const text = cell.textContent.trim();
    if (text === "" || MISSING.test(text)) return null;
    if (kind === "duration") {
      let seconds = 0;
      for (const [, n, unit] of text.replace(/,/g, "").matchAll(/(\d+)\s*(h|min|s)/g)) seconds += Number(n) * UNITS[unit];
      return seconds;
    }
    if (["count", "share", "number", "money", "lift"].includes(kind)) {
      const found = text.replace(/,/g, "").match(/-?\d+(\.\d+)?/);
      return found ? Number(found[0]) : null;
    }
    return text;
  }

  function compare(a, b) {
    return typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
  }

  // Cells without a value stay last in both directions; equal rows keep their order.
  function sortRows(table, column, heading) {
    const numeric = heading.classList.contains("sk-n");
    const now = heading.getAttribute("aria-sort");
    const next = now ? (now === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
    for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", next);
    const sign = next === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [valueOf(row.cells[column], heading.dataset.kind), row]);
    keyed.sort(([a], [b]) => (a === null ? (b === null ? 0 : 1) : b === null ? -1 : sign * compare(a, b)));
    body.append(...keyed.map(([, row]) => row));
  }

  function addSorting(table) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sk-sort";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortRows(table, column, heading));
      heading.append(button);
    });
  }

  function addSearch(table) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 10) return;
    const box = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const said = document.createElement("span");
    box.className = "sk-search";
    input.type = "search";
    input.autocomplete = "off";
    said.setAttribute("role", "status");
    label.append("Search rows ", input);
    box.append(label, said);
    const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      let shown = 0;
      rows.forEach((row, at) => {
        row.hidden = !texts[at].includes(wanted);
        shown += row.hidden ? 0 : 1;
      });
      said.textContent = wanted ? `${shown} of ${rows.length} rows` : "";
    });
    table.closest(".sk-scroll").before(box);
  }

  // Boxes wider than the page say so; only boxes that scroll are stops of the keyboard.
  function addHint(box) {
    const hint = document.createElement("p");
    hint.className = "sk-hint";
    hint.textContent = "Scroll sideways for the rest \u2192";
    hint.hidden = true;
    box.before(hint);
    const update = () => {
      const hidden = box.scrollWidth - box.clientWidth;
      hint.hidden = hidden <= 1;
      box.classList.toggle("sk-more", hidden - box.scrollLeft > 1);
      if (hidden > 1 || box.scrollHeight - box.clientHeight > 1) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    };
    new ResizeObserver(update).observe(box);
    box.addEventListener("scroll", update, { passive: true });
  }

  // A table that opens may move its figure to a row of its own; what was clicked stays in place.
  function keepPlace(part) {
    const summary = part.querySelector("summary");
    summary.addEventListener("click", () => {
      const before = summary.getBoundingClientRect().top;
      const settle = () => window.scrollBy({ top: summary.getBoundingClientRect().top - before, behavior: "instant" });
      part.addEventListener("toggle", settle, { once: true });
    });
  }

  // A live page brings its parts later and calls this again for each.
  function enhance(part) {
    for (const table of part.querySelectorAll("table.sk-live")) {
      addSorting(table);
      addSearch(table);
    }
    part.querySelectorAll(".sk-scroll").forEach(addHint);
    part.querySelectorAll("details.sk-details").forEach(keepPlace);
  }
  enhance(document);
  window.segkitEnhance = enhance;

  const root = document.documentElement;
  const toggle = document.querySelector(".sk-toggle");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const name = () => (toggle.textContent = isDark() ? "Light theme" : "Dark theme");
  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  dark.addEventListener("change", name);
  toggle.hidden = false;
  name();

  // On paper every table behind a figure is shown.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.sk-details:not([open])")];
    opened.forEach((part) => (part.open = true));
  });
  window.addEventListener("afterprint", () => opened.forEach((part) => (part.open = false)));
})();
