// The browser of examples. Text goes into the page as textContent alone, so that none of it is taken for markup.
"use strict";

(() => {
  const PAGE = 25;
  const { examples, colours } = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("filters");
  if (!form) return;
  const list = document.getElementById("list");
  const pager = document.getElementById("pager");
  const previous = document.getElementById("previous");
  const next = document.getElementById("next");
  const found = document.getElementById("found");
  const lowered = examples.map((example) => example.text.toLowerCase());
  let chosen = [];
  let page = 0;

  function make(name, className, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  // Spans count code points, and strings here count UTF-16 units: an emoji is two of these.
  function showText(example) {
    const points = Array.from(example.text);
    const part = (start, end) => points.slice(start, end).join("");
    const line = make("p", "text");
    line.dir = "auto";
    let end = 0;
    for (const [start, stop, label] of example.spans) {
      const mention = make("mark", `label-${colours[label]}`, make("bdi", "", part(start, stop)), " ", make("bdi", "tag", label));
      line.append(part(end, start), mention);
      end = stop;
    }
    line.append(part(end, points.length));
    return line;
  }

  function showClasses(example) {
    return example.classes.map((name) => make("bdi", "class", name));
  }

  function showSide(example, title) {
    const head = make("p", "head", make("bdi", "origin", title), ...showClasses(example));
    return make("div", "side", head, showText(example));
  }

  function showExample(number) {
    const example = examples[number];
    const item = make("li", example.source ? "pair" : "", showSide(example, example.origin));
    item.value = number + 1;
    if (example.source) item.append(showSide(example.source, "source"));
    return item;
  }

  function matches(example, number, wanted) {
    return (
      lowered[number].includes(wanted.text) &&
      (!wanted.label || example.spans.some((span) => span[2] === wanted.label)) &&
      (!wanted.class || example.classes.includes(wanted.class)) &&
      (!wanted.origin || example.origin === wanted.origin)
    );
  }

  function showPage() {
    const first = page * PAGE;
    const shown = chosen.slice(first, first + PAGE);
    list.replaceChildren(...shown.map(showExample));
    previous.disabled = page === 0;
    next.disabled = first + PAGE >= chosen.length;
    pager.hidden = chosen.length <= PAGE;
    const which = shown.length ? `, ${first + 1} to ${first + shown.length} shown` : "";
    found.textContent = `${chosen.length} of ${examples.length} examples${which}`;
  }

  function filter() {
    const field = (name) => form.elements[name].value;
    const wanted = { text: field("text").toLowerCase(), label: field("label"), class: field("class"), origin: field("origin") };
    chosen = [...examples.keys()].filter((number) => matches(examples[number], number, wanted));
    page = 0;
    showPage();
  }

  function turn(pages) {
    page += pages;
    showPage();
    list.scrollIntoView({ block: "start" });
    // A button that is disabled loses the focus; the other one leads back.
    if (previous.disabled) next.focus({ preventScroll: true });
    if (next.disabled) previous.focus({ preventScroll: true });
  }

  function offer(name, values) {
    const select = form.elements[name];
    const distinct = [...new Set(values)].sort();
    select.parentElement.hidden = distinct.length === 0;
    for (const value of distinct) {
      const option = make("option", "", value);
      option.value = value;
      select.append(option);
    }
  }

  offer("label", examples.flatMap((example) => example.spans.map((span) => span[2])));
  offer("class", examples.flatMap((example) => example.classes));
  offer("origin", examples.map((example) => example.origin));
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  form.hidden = false;
  filter();

  // Paper cannot be clicked: what is folded away is printed too.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
})();
