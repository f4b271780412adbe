/* What the pages do beyond being read: search, tables to sort and filter, the menu on a phone.
   No library and no build step; everything but the full-text search also works from file://. */
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const collator = new Intl.Collator(document.documentElement.lang || "zh", { numeric: true });

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== "") made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /* -- Tables to sort and filter. Only the rows near the window are in the page: a browser lays out a few hundred at
        once, not thousands; the rest follows on scrolling, and all of them on paper. -------------------------------- */

  const ROWS = 300;

  function dataTable(tools) {
    const table = document.getElementById(tools.dataset.qmTable);
    const body = table.tBodies[0];
    const box = $("input", tools);
    const selects = $$("select", tools);
    const state = $(".qm-tools__state", tools);
    const rows = [...body.rows].map((row) => ({ row, cells: [...row.cells].map((cell) => cell.textContent.trim()) }));
    for (const entry of rows) entry.text = entry.cells.join("\n").toLowerCase();
    for (const select of selects) fillSelect(select, rows);
    let fitting = rows;
    let shown = 0;

    function show() {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = selects.filter((select) => select.value).map((select) => [+select.dataset.column, select.value]);
      fitting = rows.filter(({ cells, text }) =>
        words.every((word) => text.includes(word)) && chosen.every(([at, value]) => cells[at] === value));
      shown = 0;
      body.replaceChildren();
      extend(ROWS);
      state.textContent = state.dataset.text.replace("{shown}", fitting.length).replace("{total}", rows.length);
    }

    function extend(count) {
      body.append(...fitting.slice(shown, shown + count).map(({ row }) => row));
      shown += count;
    }

    function sort(at, down) {
      rows.sort((one, two) => {
        if (!one.cells[at] || !two.cells[at]) return !one.cells[at] - !two.cells[at]; // what is empty comes last
        return (down ? -1 : 1) * collator.compare(one.cells[at], two.cells[at]);
      });
      show();
    }

    box.addEventListener("input", show);
    for (const select of selects) select.addEventListener("change", show);
    $("form", tools).addEventListener("submit", (event) => event.preventDefault());
    $$("th", table).forEach((head, at) => sortable(table, head, (down) => sort(at, down)));
    const end = element("div", { "aria-hidden": "true" });
    table.after(end);
    new IntersectionObserver(([entry]) => { if (entry.isIntersecting && shown < fitting.length) extend(ROWS); },
      { rootMargin: "1500px" }).observe(end);
    addEventListener("beforeprint", () => extend(fitting.length));
    tools.hidden = false;
    show();
    table.classList.add("qm-ready");
  }

  function fillSelect(select, rows) {
    const values = new Set(rows.map(({ cells }) => cells[+select.dataset.column]).filter(Boolean));
    for (const value of [...values].sort(collator.compare)) select.append(element("option", { value }, value));
  }

  function sortable(table, head, sort) {
    const button = element("button", { type: "button", class: "qm-sort" }, ...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of $$("th[aria-sort]", table)) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(down);
    });
  }

  /* -- Search. Numbers and titles come from a small list that also works from file://; the text from Pagefind. ---- */

  const dialog = document.getElementById("qm-search");
  const FIRST = 10;

  /* A query cut into signs as the index is (render/searching.py): each Chinese character, each run of other signs. */
  const HAN = "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
  const BORDER = new RegExp(`(?<=\\S)(?=[${HAN}])|(?<=[^\\x00-\\x7f])(?=[\\x21-\\x7e])`, "gu");
  const BLANK = new RegExp(`(?<=[${HAN}\\u3000-\\u303f\\uff01-\\uff65“”‘’…—]\\ue001?) \\u200b?(?=\\ue000?[${HAN}])|\\u200b`, "gu");
  const cut = (text) => text.replace(BORDER, " ").split(/\s+/).filter((sign) => /[\p{L}\p{N}]/u.test(sign));
  const joined = (text) => text.replace(BLANK, "");

  function searchDialog() {
    const up = dialog.dataset.up;
    const texts = JSON.parse(dialog.dataset.texts);
    const box = $("input[type=search]", dialog);
    const list = $(".qm-search__results", dialog);
    const state = $(".qm-search__state", dialog);
    const more = $(".qm-search__more", dialog);
    const selects = $$("select", dialog);
    const gone = $("input[name=void]", dialog);
    const VOID = ["superseded", "withdrawn"];
    let documents, pagefind, turn = 0, found = [], shown = 0, last = null;

    async function open(query) {
      if (!dialog.open) {
        last = document.activeElement;
        dialog.showModal();
        document.documentElement.classList.add("qm-searching");
      }
      if (query !== undefined) box.value = query;
      box.focus();
      box.select();
      await load();
      search();
    }

    function close() {
      dialog.close();
    }

    async function load() {
      if (documents) return;
      documents = [];
      await new Promise((done) => {
        const script = element("script", { src: `${up}assets/qmanual/documents.js` });
        script.addEventListener("load", done);
        script.addEventListener("error", done);
        document.head.append(script);
      });
      documents = (window.QMANUAL_DOCUMENTS || []).map(([path, number, title, revision, status, state, kind, department, chapter]) =>
        ({ path, number, title, revision, status, state, kind, department, void: String(VOID.includes(state)),
          key: (chapter ? title : `${number} ${title}`).toLowerCase() }));
      for (const select of selects) {
        const values = new Set(documents.map((one) => one[select.name]).filter(Boolean));
        for (const value of values) select.append(element("option", { value }, value));
      }
    }

    /* The full-text index is a module that loads its parts with fetch, which browsers refuse from file://. */
    async function fullText() {
      if (pagefind === undefined && location.protocol === "file:") pagefind = null;
      if (pagefind !== undefined) return pagefind;
      try {
        const made = await import(new URL(`${up}pagefind/pagefind.js`, location.href).href);
        await made.options({ excerptLength: 40 });
        await made.init();
        pagefind = made;
      } catch {
        pagefind = null;
      }
      return pagefind;
    }

    function chosen() {
      const filters = Object.fromEntries(selects.filter((select) => select.value).map((select) => [select.name, select.value]));
      return gone.checked || filters.status ? filters : { ...filters, void: "false" };
    }

    async function search() {
      const mine = ++turn;
      list.setAttribute("aria-busy", "true");
      const query = box.value.trim();
      const filters = chosen();
      const byName = named(query, filters);
      present(byName, query, mine, false);
      if (!query) return list.setAttribute("aria-busy", "false");
      const text = await fullText();
      if (mine !== turn) return;
      const byText = text ? await inText(text, query, filters) : new Map();
      if (mine === turn) present(merged(byName, byText), query, mine, true);
    }

    /* Documents by number or title: the number itself, then numbers that begin so, then titles. */
    function named(query, filters) {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      const whole = words.join(" ");
      if (!words.length) return [];
      const fits = (one) => Object.entries(filters).every(([name, value]) => one[name] === value);
      const rank = (one) => {
        const number = one.number.toLowerCase();
        const title = one.title.toLowerCase();
        if (number === whole) return 90;
        if (title === whole) return 80;
        if (number.startsWith(whole)) return 70;
        if (title.startsWith(whole)) return 60;
        return title.includes(whole) ? 50 : number.includes(whole) ? 40 : 30;
      };
      return documents.filter((one) => words.every((word) => one.key.includes(word)) && fits(one))
        .map((one) => ({ ...one, rank: rank(one) })).sort((one, two) => two.rank - one.rank);
    }

    /* Pages that hold every word of the query, each as a phrase; those that hold its signs most often come first. */
    async function inText(text, query, filters) {
      let pages = null;
      for (const word of query.split(/\s+/)) {
        const signs = cut(word);
        if (!signs.length) continue;
        const results = await phrase(text, signs, filters);
        const hits = new Map(results.map((hit) => [hit.id, { hit, score: 0 }]));
        if (pages) for (const id of pages.keys()) if (!hits.has(id)) pages.delete(id);
        pages ??= hits;
      }
      if (!pages) return new Map();
      const scored = await text.search(cut(query).join(" "), { filters });
      for (const { id, score } of scored.results) if (pages.has(id)) pages.get(id).score = score;
      return pages;
    }

    /* A word that is still being typed finds the longer ones that begin so. */
    async function phrase(text, signs, filters) {
      const { results } = await text.search(`"${signs.join(" ")}"`, { filters });
      if (results.length || signs.length > 1 || signs[0].length < 2) return results;
      const longer = (await text.search(signs[0], { filters })).results.slice(0, 3 * FIRST);
      const begins = `<mark>${signs[0].toLowerCase()}`;
      const pages = await Promise.all(longer.map((hit) => hit.data()));
      return longer.filter((_, at) => pages[at].excerpt.toLowerCase().includes(begins));
    }

    function merged(byName, byText) {
      const rest = [...byText.values()].sort((one, two) => two.score - one.score);
      return [...byName, ...rest.map(({ hit }) => ({ hit }))];
    }

    function present(results, query, mine, complete) {
      found = results;
      shown = 0;
      list.replaceChildren();
      more.hidden = true;
      state.textContent = "";
      if (query) extend(mine, complete);
    }

    async function extend(mine, complete) {
      const part = found.slice(shown, shown + FIRST);
      const pages = await Promise.all(part.map((one) => (one.hit ? one.hit.data() : null)));
      if (mine !== turn) return;
      const known = new Set($$("a[data-path]", list).map((link) => link.dataset.path));
      part.forEach((one, at) => {
        const item = pages[at] ? fromPage(pages[at]) : fromList(one);
        if (known.has(item.path)) return addExcerpt(item);
        known.add(item.path);
        list.append(entry(item));
      });
      shown += part.length;
      more.hidden = shown >= found.length;
      tell(complete);
      if (complete) list.setAttribute("aria-busy", "false");
    }

    function tell(complete) {
      const offline = pagefind === null ? ` ${texts.offline}` : "";
      if (!complete && !list.children.length) return;
      const named = found.filter((one) => !one.hit).length; // most of them stand among the pages again
      const count = shown >= found.length ? list.children.length : Math.max(named, found.length - named, list.children.length);
      state.textContent = (found.length ? texts.some.replace("{count}", count) : texts.none) + offline;
    }

    const fromList = (one) => ({ ...one, path: one.path, excerpt: "", parts: [] });

    function fromPage(page) {
      const path = decodeURI(page.raw_url || page.url).replace(/^\//, "");
      return {
        path, number: page.meta.number, revision: page.meta.revision, status: page.meta.status, state: page.meta.state,
        title: joined(page.meta.title), excerpt: page.excerpt,
        parts: page.sub_results.filter((part) => part.anchor && part.anchor.element !== "h1").slice(0, 3),
      };
    }

    function addExcerpt(item) {
      const link = $$("a[data-path]", list).find((other) => other.dataset.path === item.path);
      const place = link.closest("li");
      if (!$(".qm-hit__text", place)) place.append(...details(item));
    }

    function entry(item) {
      const link = element("a", { href: up + encodeURI(item.path), "data-path": item.path },
        element("span", { class: "qm-number" }, item.number), " ", element("b", {}, item.title));
      const facts = element("span", { class: "qm-hit__facts" },
        element("span", { class: "qm-revision" }, item.revision || "—"), " ",
        element("span", { class: `qm-status qm-status--${item.state}` }, item.status));
      return element("li", { class: "qm-hit" }, element("div", { class: "qm-hit__top" }, link, facts), ...details(item));
    }

    function details(item) {
      if (!item.excerpt) return [];
      const parts = item.parts.map((part) => element("a", {
        class: "qm-hit__part", href: up + encodeURI(item.path) + "#" + encodeURIComponent(part.anchor.id),
      }, joined(part.title)));
      return [element("p", { class: "qm-hit__text" }, ...excerpt(item.excerpt)),
        ...(parts.length ? [element("p", { class: "qm-hit__parts" }, ...parts)] : [])];
    }

    /* The excerpt with its marks as nodes: nothing out of the index is ever taken for HTML. Marks that stand side by
       side are one mark; the Latin full stop that the index sets after a heading or a cell in Chinese goes. */
    function excerpt(html) {
      const nodes = [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
      const text = nodes.map((node) => (node.nodeName === "MARK" ? `\ue000${node.textContent}\ue001` : node.textContent));
      const [first, ...marked] = joined(text.join("").replace(/\ue001 ?\ue000/g, " ").replace(/([\u3000-\u9fff\uff00-\uffef]\ue001?)\.(?= |$)/g, "$1 ")).split("\ue000");
      return [first, ...marked.flatMap((part) => {
        const [inside, after] = part.split("\ue001");
        return [element("mark", {}, inside), after];
      })];
    }

    function move(step) {
      const links = [box, ...$$("a", list), ...(more.hidden ? [] : [more])];
      const next = links[Math.max(0, Math.min(links.length - 1, links.indexOf(document.activeElement) + step))];
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }

    let timer = 0;
    box.addEventListener("input", () => {
      list.setAttribute("aria-busy", "true");
      clearTimeout(timer);
      timer = setTimeout(search, 120);
    });
    for (const select of [...selects, gone]) select.addEventListener("change", search);
    more.addEventListener("click", () => { const at = list.children.length; extend(turn, true).then(() => $("a", list.children[at] || list)?.focus()); });
    $("form", dialog).addEventListener("submit", (event) => {
      event.preventDefault();
      $("a", list)?.click();
    });
    $(".qm-search__close", dialog).addEventListener("click", close);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
    dialog.addEventListener("close", () => {
      document.documentElement.classList.remove("qm-searching");
      last?.focus?.();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.target.nodeName === "SELECT" || event.target === gone) return;
      if (event.key === "ArrowDown") move(1);
      else if (event.key === "ArrowUp") move(-1);
      else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
      const control = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
      if (!(slash || control) || dialog.open) return;
      event.preventDefault();
      event.stopPropagation();
      open();
    }, true);
    for (const button of $$("[data-qm-open]")) button.addEventListener("click", () => open());
    for (const form of $$("form[data-qm-search]")) form.addEventListener("submit", (event) => {
      event.preventDefault();
      open($("input", form).value);
    });
  }

  /* -- Small things ---------------------------------------------------------------------------------------------- */

  /* The menu on a phone is a checkbox of the theme; a button works it from the keyboard too. */
  function drawer() {
    const toggle = document.getElementById("__drawer");
    const button = $("[data-qm-drawer]");
    if (!toggle || !button) return;
    const tell = () => button.setAttribute("aria-expanded", String(toggle.checked));
    button.addEventListener("click", () => { toggle.checked = !toggle.checked; toggle.dispatchEvent(new Event("change")); });
    toggle.addEventListener("change", tell);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && toggle.checked) { toggle.checked = false; tell(); button.focus(); }
    });
    tell();
  }

  /* A box is a stop for the keyboard only where it can be scrolled. */
  function scrollBoxes() {
    const boxes = $$(".qm-table, .qm-flowchart");
    const wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1);
    boxes.forEach((box, at) => (wide[at] ? box.setAttribute("tabindex", "0") : box.removeAttribute("tabindex")));
  }

  for (const tools of $$("[data-qm-table]")) dataTable(tools);
  if (dialog) searchDialog();
  drawer();
  scrollBoxes();
  addEventListener("resize", scrollBoxes);
  addEventListener("beforeprint", () => { for (const box of $$(".qm-card details")) box.open = true; });
})();
