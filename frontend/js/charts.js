/**
 * Pictures of tables: every [data-chart] gets a picture of the table in it, which stays and is what screen readers read.
 *
 * Columns with [data-series] are drawn, from [data-value] of their cells; rows are named by their first cell.
 * data-chart is "bar" or "horizontal", data-chart-unit follows each figure, data-chart-rows says how many rows are drawn.
 */
import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from "chart.js";

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);

const REDUCED = window.matchMedia("(prefers-reduced-motion: reduce)");
const COLOURS = ["--mc-chart-1", "--mc-chart-2"];
const ROW_HEIGHT = 26;

const charts = [];

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Names of the rows and one list of figures for each series; null where a cell has none. */
function read(table, limit) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows].slice(0, limit);
  const series = heads.flatMap((head, column) => (head.hasAttribute("data-series") ? [{ head, column }] : []));
  return {
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    datasets: series.map(({ head, column }) => ({
      label: head.textContent.trim(),
      data: rows.map((row) => (row.cells[column].dataset.value ? Number(row.cells[column].dataset.value) : null)),
    })),
  };
}

/** Colours of the theme in force, written into what a chart is made of. */
function paint({ data, options }) {
  data.datasets.forEach((dataset, number) => {
    dataset.backgroundColor = variable(COLOURS[number % COLOURS.length]);
  });
  for (const scale of Object.values(options.scales)) {
    scale.ticks.color = variable("--mc-quiet");
    scale.grid.color = variable("--mc-line");
  }
  options.plugins.legend.labels.color = variable("--mc-text");
}

function options(horizontal, unit, series) {
  const figures = new Intl.NumberFormat(document.documentElement.lang);
  const written = (value) => `${figures.format(value)}${unit ? `\u00a0${unit}` : ""}`;
  const values = { beginAtZero: true, ticks: { callback: written, precision: 0 }, grid: {} };
  const names = { ticks: { autoSkip: false }, grid: { display: false } };
  return {
    animation: REDUCED.matches ? false : { duration: 300 },
    indexAxis: horizontal ? "y" : "x",
    maintainAspectRatio: false,
    scales: horizontal ? { x: values, y: names } : { x: names, y: values },
    plugins: {
      legend: { display: series > 1, labels: {} },
      tooltip: { callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${written(raw)}` } },
    },
  };
}

function draw(figure) {
  const table = figure.querySelector("table");
  const limit = figure.dataset.chartRows === undefined ? Infinity : Number(figure.dataset.chartRows);
  if (!table || limit === 0) return;
  const horizontal = figure.dataset.chart === "horizontal";
  const data = read(table, limit);
  const frame = document.createElement("div");
  frame.className = "chart-frame";
  frame.setAttribute("aria-hidden", "true");
  if (horizontal) frame.style.height = `${(data.labels.length + 2) * ROW_HEIGHT}px`;
  const canvas = frame.appendChild(document.createElement("canvas"));
  (table.closest(".report-wide") ?? table).before(frame);
  const config = { type: "bar", data, options: options(horizontal, figure.dataset.chartUnit, data.datasets.length) };
  paint(config);
  charts.push({ chart: new Chart(canvas, config), config });
}

function repaint() {
  for (const { chart, config } of charts) {
    paint(config);
    chart.options = config.options;
    chart.update();
  }
}

function start() {
  document.querySelectorAll("[data-chart]").forEach(draw);
  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  window.addEventListener("beforeprint", () => charts.forEach(({ chart }) => chart.resize()));
}

start();
