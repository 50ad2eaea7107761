// The scenarios on a demo's login page: a press asks the server for one; while it plays, none can be asked for.
// Relies on: shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const AGAIN_S = 5;
  const buttons = () => [...document.querySelectorAll(".gc-scenario")];

  function say(button, key, n) {
    const state = button.querySelector(".gc-scenario-state");
    state.dataset.word = key;
    state.dataset.values = JSON.stringify({ n });
    state.textContent = key && gc.word(key, { n });
  }

  // Counts down beside the button; then every scenario can be asked for again.
  function wait(button, key, seconds) {
    const end = performance.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      const over = left <= 0;
      for (const b of buttons()) b.disabled = !over;
      say(button, over ? "" : key, left);
      if (!over) setTimeout(tick, 500);
    };
    tick();
  }

  async function ask(button) {
    for (const b of buttons()) b.disabled = true;
    const body = JSON.stringify({ name: button.dataset.scenario });
    const answer = await fetch("/demo/scenario", { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
    if (answer && answer.ok) wait(button, "scenario.plays", (await answer.json()).seconds);
    else if (answer && answer.status === 409) wait(button, "scenario.busy", Number(answer.headers.get("retry-after")) || AGAIN_S);
    else wait(button, "scenario.failed", AGAIN_S);
  }

  document.addEventListener("click", (e) => {
    const button = e.target.closest?.(".gc-scenario");
    if (button) ask(button);
  });
  document.addEventListener("gc:start", () => {
    const plays = document.querySelector(".gc-scenario[data-plays]");
    if (plays) wait(plays, "scenario.plays", Number(plays.dataset.plays));
  });
})();
