"use strict";
(() => {
  const search = document.getElementById("search");
  if (search) {
    const cards = [...document.querySelectorAll("#cards > li")];
    const shown = document.getElementById("shown");
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      for (const card of cards) {
        card.hidden = !words.every((word) => card.dataset.words.includes(word));
        n += card.hidden ? 0 : 1;
      }
      shown.textContent = n.toLocaleString("en");
    });
  }

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
})();
