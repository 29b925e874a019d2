"use strict";

/* Dark or light: the reader's choice, else the system's. */
const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
document.getElementById("theme").addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  paintPlots();
});
dark.addEventListener("change", () => paintPlots());

/* Scorecard: statuses and words; a run on one's own genomes has none. */
const rows = [...document.querySelectorAll("#scorecard-table tr[data-status]")];
const statuses = [...document.querySelectorAll("#statuses button")];
const words = document.getElementById("scorecard-search");
function filterScorecard() {
  const shown = new Set(statuses.filter(b => b.getAttribute("aria-pressed") === "true").map(b => b.dataset.status));
  const word = words.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = !(shown.has(row.dataset.status) && row.textContent.toLowerCase().includes(word));
    count += !row.hidden;
  }
  for (const body of document.querySelectorAll("#scorecard-table tbody"))
    body.hidden = ![...body.querySelectorAll("tr[data-status]")].some(row => !row.hidden);
  document.getElementById("scorecard-count").textContent = `${count} of ${rows.length} numbers`;
}
for (const button of statuses) button.addEventListener("click", () => {
  button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
  filterScorecard();
});
if (words) {
  words.addEventListener("input", filterScorecard);
  filterScorecard();
}

/* A link to what is folded away unfolds it. */
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const folded = target && target.closest("details");
  if (folded) folded.open = true;
}
addEventListener("hashchange", unfold);
unfold();

/* Interactive plots: Bokeh draws, these controls change the columns of its data sources. */
const LISTED = 10, OPACITY = 0.75, FAINT = 0.06, SIZE = 6, LARGE = 9;
const model = name => {
  for (const document_ of window.Bokeh?.documents ?? []) {
    const found = document_.get_model_by_name(name);
    if (found) return found;
  }
  return null;
};

function paintPlots() {
  const style = getComputedStyle(document.documentElement);
  const [surface, text, line] = ["--surface", "--text", "--line"].map(name => style.getPropertyValue(name).trim());
  for (const element of document.querySelectorAll(".explore")) {
    const plot = model(JSON.parse(element.dataset.plot).name);
    if (!plot) continue;
    plot.setv({background_fill_color: surface, border_fill_color: surface, outline_line_color: line});
    for (const axis of [...plot.below, ...plot.left])
      axis.setv({axis_label_text_color: text, major_label_text_color: text, axis_line_color: line,
                 major_tick_line_color: line, minor_tick_line_color: line});
    for (const grid of plot.center) if ("grid_line_color" in grid) grid.setv({grid_line_color: line, grid_line_alpha: 0.4});
  }
}

function join(element) {
  const {name, views, hover} = JSON.parse(element.dataset.plot);
  // renderers and sources have the same names: a source has data
  const plot = model(name);
  const renderers = plot.renderers.slice(0, views);
  const sources = renderers.map(renderer => renderer.data_source);
  const search = element.querySelector(".search");
  const chosen = () => [...element.querySelectorAll(".key:not([hidden]) .legend button[aria-pressed=true]")].map(b => b.dataset.colour);
  const column = () => element.querySelector(".colour")?.value;

  function highlight() {
    const word = search.value.trim().toLowerCase(), colours = chosen(), all = !word && !colours.length;
    const listed = [];
    let count = 0;
    sources.forEach((source, view) => {
      const data = source.data, n = data.x.length;
      const about = hover.map(key => data[`about ${key}`]);
      const opacity = new Float32Array(n), size = new Float32Array(n);
      for (let i = 0; i < n; i++) {
        const hit = (!word || about.some(values => values[i].toLowerCase().includes(word)))
          && (!colours.length || colours.includes(data[`colour ${column()}`][i]));
        opacity[i] = all ? OPACITY : hit ? 1 : FAINT;
        size[i] = hit && !all ? LARGE : SIZE;
        if (hit && renderers[view].visible) {
          count++;
          if (word && listed.length < LISTED) listed.push(hover.map((key, k) => `${key.replaceAll("_", " ")}: ${about[k][i]}`).join(", "));
        }
      }
      source.data = {...data, opacity, size};
    });
    element.querySelector(".found").textContent = all ? "" : `${count.toLocaleString("en")} points found`;
    const list = element.querySelector(".matches");
    list.replaceChildren(...listed.map(line => Object.assign(document.createElement("li"), {textContent: line})));
    list.hidden = !listed.length;
  }

  for (const button of element.querySelectorAll(".views button")) button.addEventListener("click", () => {
    renderers.forEach((renderer, view) => { renderer.visible = view === Number(button.dataset.view); });
    for (const other of element.querySelectorAll(".views button")) other.setAttribute("aria-pressed", other === button);
    highlight();
  });
  for (const button of element.querySelectorAll(".legend button")) button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
    highlight();
  });
  element.querySelector(".colour")?.addEventListener("change", () => {
    for (const key of element.querySelectorAll(".key")) key.hidden = key.dataset.column !== column();
    for (const renderer of renderers) renderer.glyph.fill_color = {field: `colour ${column()}`};
    highlight();
  });
  search.addEventListener("input", highlight);
  element.dataset.ready = "true";
}

const waiting = [...document.querySelectorAll(".explore")];
(function wait() {
  for (const element of [...waiting])
    if (model(JSON.parse(element.dataset.plot).name)) {
      join(element);
      waiting.splice(waiting.indexOf(element), 1);
      paintPlots();
    }
  if (waiting.length) setTimeout(wait, 50);
})();
