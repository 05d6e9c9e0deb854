"use strict";
(() => {
  const PULSE_MS = 4000;
  const MOST_MISSED = 3;
  const TRY_MS = 200;
  const AGAIN_MS = 1000;
  const MOST_TRIES = 50;
  const body = document.body;
  const main = document.getElementById("report");
  const notice = document.getElementById("notice");
  const status = document.getElementById("status");
  const title = document.getElementById("title");
  const path = window.location.pathname;
  let shown = "";
  let hidden = "";
  let snapshot = "";
  let isOver = false;

  // Voilà calls this once its theme is there; our page has no curtain to lift.
  window.voila_finish = () => {};

  function tell(text, isFinal) {
    if (isOver) return;
    isOver = Boolean(isFinal);
    const link = document.createElement("a");
    link.href = window.location.href;
    link.textContent = "Load it again";
    notice.replaceChildren(`${text} `, link);
    notice.hidden = false;
    if (isFinal) body.classList.add("sk-over");
  }

  const csv = document.createElement("p");
  csv.className = "sk-actions";
  const file = document.createElement("a");
  file.textContent = "Download the user list (CSV)";
  csv.append(file);
  csv.hidden = true;

  // A section that has heard nothing yet; the state may be told before the last of them.
  const waits = () => [...document.querySelectorAll(".sk-section")].filter((part) => part.textContent.trim() === "Computing…");
  let isLate = false;

  // The state says what the sections show: the address, the title and the file follow it.
  function follow(state) {
    const { query, users } = state.dataset;
    isLate = state.dataset.busy !== "1" && !state.classList.contains("sk-faulty") && waits().length > 0;
    const busy = isLate ? "1" : state.dataset.busy;
    const said = isLate ? "Computing…" : state.textContent;
    const kept = state.dataset.private ?? "";
    if (state.dataset.private === undefined || spelled(kept) === waiting) waiting = "";
    if (busy === "1" && !body.classList.contains("sk-busy")) for (const part of document.querySelectorAll(".sk-section")) part.classList.add("sk-stale");
    if (busy !== "1") for (const part of document.querySelectorAll(".sk-stale")) part.classList.remove("sk-stale");
    body.classList.toggle("sk-busy", busy === "1");
    main.setAttribute("aria-busy", busy === "1" ? "true" : "false");
    if (status.textContent !== said) status.textContent = said;
    status.classList.toggle("sk-faulty", state.classList.contains("sk-faulty"));
    if (busy === "1" || !query) return;
    if (waiting) {
      feed();
      return;
    }
    if (query !== shown || kept !== hidden) window.history.replaceState(null, "", `${path}?${query}${kept ? `#${kept}` : ""}`);
    shown = query;
    hidden = kept;
    snapshot = state.dataset.snapshot || snapshot;
    if (state.dataset.title) {
      title.textContent = state.dataset.title;
      document.title = state.dataset.title;
    }
    file.href = `/live/users.csv?${users}`;
    csv.hidden = !users;
  }

  // What no server may know stands behind the # of the address. The page hands it to its control
  // until that took it, and links within the page leave it there.
  const spelled = (hash) => new URLSearchParams([...new URLSearchParams(hash)].map(([name, value]) => [name, value.trim()])).toString();
  let waiting = spelled(window.location.hash.slice(1));
  function feed(nTries = MOST_TRIES) {
    if (!waiting) return;
    if (nTries === 0) waiting = "";
    for (const [name, value] of new URLSearchParams(waiting)) {
      const control = document.querySelector(`.sk-enter-${CSS.escape(name)} input`);
      if (!control || control.value === value) continue;
      control.value = value;
      control.dispatchEvent(new Event("change", { bubbles: true }));
    }
    window.setTimeout(() => feed(nTries - 1), TRY_MS);
  }
  window.addEventListener("hashchange", () => {
    if (!document.querySelector("[class*=sk-enter-]")) return;
    waiting = spelled(window.location.hash.slice(1));
    feed();
  });
  document.addEventListener("input", (event) => {
    if (event.isTrusted) waiting = "";
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link || !document.querySelector("[class*=sk-enter-]")) return;
    const goal = document.getElementById(link.hash.slice(1));
    if (!goal) return;
    event.preventDefault();
    goal.scrollIntoView();
    goal.tabIndex = -1;
    goal.focus({ preventScroll: true });
  });

  // What the kernel said while the widgets were being built reached nobody: ask for it again.
  let nAsked = 0;
  function askAgain() {
    const lost = document.querySelector(".sk-lost input");
    if (isOver || !lost) return;
    const late = waits();
    if (!late.length && !body.classList.contains("sk-busy")) return;
    const names = late.map((part) => [...part.classList].find((name) => name.startsWith("sk-is-"))?.slice(6) ?? "");
    nAsked += 1;
    lost.value = [nAsked, ...names].join(" ");
    lost.dispatchEvent(new Event("change", { bubbles: true }));
  }
  window.setInterval(askAgain, AGAIN_MS);

  const seen = new WeakSet();
  function look() {
    const state = document.querySelector(".sk-state");
    if (state && (isLate || !seen.has(state))) {
      seen.add(state);
      follow(state);
    }
    const controls = document.querySelector(".sk-controls");
    if (controls && !csv.isConnected) controls.after(csv);
    for (const empty of document.querySelectorAll("#voila-top-panel[role], #voila-bottom-panel[role]")) empty.removeAttribute("role");
    for (const group of document.querySelectorAll(".sk-several:not([role])")) {
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", group.firstElementChild?.textContent ?? "");
    }
    for (const part of document.querySelectorAll(".sk-section .widget-html-content > .sk")) {
      if (seen.has(part)) continue;
      seen.add(part);
      part.closest(".sk-section").classList.remove("sk-stale");
      window.segkitEnhance?.(part.parentElement);
    }
  }
  new MutationObserver(look).observe(main, { childList: true, subtree: true });

  const config = document.getElementById("jupyter-config-data");
  if (!config || !document.querySelector(".sk-foot")) {
    tell("This report could not be started.", true);
    status.textContent = "";
    return;
  }
  const kernel = JSON.parse(config.textContent).kernelId;
  let nMissed = 0;
  async function feel() {
    if (isOver) return;
    try {
      const answer = await fetch(`/live/pulse/${kernel}`, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status);
      const pulse = await answer.json();
      nMissed = 0;
      if (!pulse.is_living) tell("This report's computation has ended: nobody used it for long, or it failed. What is shown stays, but it no longer follows the controls.", true);
      else if (snapshot && pulse.snapshot && pulse.snapshot !== snapshot) tell("Newer data is loaded; this page shows what there was before.");
    } catch {
      nMissed += 1;
      if (nMissed >= MOST_MISSED) tell("The server does not answer. What is shown stays, but it no longer follows the controls.", true);
    }
  }
  window.setInterval(feel, PULSE_MS);
  document.addEventListener("visibilitychange", () => document.hidden || feel());

  window.addEventListener("pagehide", (event) => {
    if (!event.persisted) navigator.sendBeacon(`/live/voila/api/shutdown/${kernel}`);
  });
})();
