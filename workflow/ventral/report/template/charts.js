// Charts: drawn by Vega when they come near the view, and again when the theme or the width changes. All share the tables
// that are embedded once in the page (chartData). A chart's own script sets `drawers.NAME = async (element, spec) => …`.
const specs = JSON.parse(document.getElementById("chart-specs").textContent);
const drawers = {};
const views = new Map(); // from the element of a chart to its Vega view

/** A color of the page, such as "ink", in the present theme. */
function pageColor(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Vega's configuration in the colors of the present theme. */
function chartTheme() {
  const ink = pageColor("ink"), soft = pageColor("soft"), line = pageColor("line");
  const text = { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" };
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: { ...text, gridColor: line, domainColor: soft, tickColor: soft, labelLimit: 200 },
    legend: { ...text, labelLimit: 240 },
    header: { ...text, labelFontSize: 12, labelFontWeight: "bold" },
    title: { color: ink, subtitleColor: soft, fontSize: 13, anchor: "start" },
    text: { color: ink },
    rule: { color: soft },
  };
}

/** What the reader chose in the menus of a chart, which is kept when the chart is drawn again. */
function chosenIn(view, spec) {
  const bound = (spec.params ?? []).filter(parameter => parameter.bind && parameter.value !== undefined);
  return view ? bound.map(({ name }) => [name, view.signal(name)]) : [];
}

/** Draw a Vega-Lite specification, whose named data are embedded tables, in an element. Gives the Vega view. */
async function draw(element, spec) {
  const chosen = chosenIn(views.get(element), spec);
  views.get(element)?.finalize();
  const result = await vegaEmbed(element, chartData.filled(fitted(spec, element.clientWidth)), {
    mode: "vega-lite", renderer: "canvas", config: chartTheme(), tooltip: { theme: isDark() ? "dark" : "light" },
    actions: { export: { svg: true, png: true }, source: false, compiled: false, editor: false },
    downloadFileName: element.closest("[data-chart]")?.dataset.chart,
  });
  views.set(element, result.view);
  for (const [name, value] of chosen) result.view.signal(name, value);
  if (chosen.length) await result.view.runAsync();
  return result.view;
}

/** A specification whose panels fill the width: Vega-Lite fits single views itself, but not facets. */
function fitted(spec, width) {
  if (!spec.facet || !spec.spec || !spec.usermeta?.panel) return spec;
  const columns = Math.max(1, Math.min(spec.usermeta.most ?? Infinity, Math.floor(width / spec.usermeta.panel)));
  return { ...spec, columns, spec: { ...spec.spec, width: Math.max(120, Math.floor(width / columns) - 70) } };
}

async function drawChart(figure) {
  const id = figure.dataset.chart, element = figure.querySelector(".drawing");
  try {
    await (drawers[id] ?? draw)(element, specs[id]);
    figure.dataset.state = "drawn";
  } catch (error) {
    console.error(error);
    figure.dataset.state = "failed";
    element.replaceChildren(Object.assign(document.createElement("p"), { className: "failed",
      textContent: `This chart could not be drawn (${error.message}). Its numbers are in the tables below.` }));
  }
}

function startCharts() {
  const figures = [...document.querySelectorAll("figure.chart")];
  const widths = new Map();
  const near = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) { near.unobserve(target); drawChart(target); }
  }, { rootMargin: "600px 0px" });
  const redraw = () => { for (const figure of figures) if (figure.dataset.state) drawChart(figure); };
  for (const figure of figures) { // the room that a chart will take, so that links lead to the right place
    const { height } = specs[figure.dataset.chart];
    if (typeof height === "number") figure.querySelector(".drawing").style.minHeight = `${height + 80}px`;
    near.observe(figure);
  }
  document.addEventListener("themechange", redraw);
  let waiting;
  new ResizeObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      for (const figure of figures) {
        const faceted = specs[figure.dataset.chart].usermeta?.panel, width = figure.clientWidth;
        if (faceted && figure.dataset.state && widths.get(figure) !== undefined && widths.get(figure) !== width) drawChart(figure);
        widths.set(figure, width);
      }
    }, 200);
  }).observe(document.getElementById("paper"));
  addEventListener("beforeprint", () => { for (const figure of figures) if (!figure.dataset.state) { near.unobserve(figure); drawChart(figure); } });
}
