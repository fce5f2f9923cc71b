// Everything can be read without this. It tells the page's language to who hears it, tells ages,
// repeats labels as tool tips, and filters by what the address says, as in ?outcome=fail.
"use strict";
(() => {
  const root = document.documentElement;
  const own = root.lang;
  const shownLanguage = () => {
    const asked = location.hash.slice(1);
    return asked === "en" || asked === "ja" ? asked : own;
  };

  const ages = () => {
    const form = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" });
    for (const time of document.querySelectorAll("time.age")) {
      const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
      const steps = [["day", 86400], ["hour", 3600], ["minute", 60]];
      const [unit, length] = steps.find(([, length]) => Math.abs(seconds) >= length) || steps[2];
      time.dataset.date ||= time.textContent;
      time.textContent = `${time.dataset.date} (${form.format(Math.round(seconds / length), unit)})`;
      if (time.dataset.old && seconds < -86400 * time.dataset.old) {
        const old = document.createElement("span");
        old.className = "old";
        old.textContent = root.lang === "ja" ? time.dataset.oldJa : time.dataset.oldEn;
        time.append(" ", old);
      }
    }
  };

  for (const link of document.querySelectorAll("a[aria-label]")) {
    link.title = link.getAttribute("aria-label");
  }

  const place = document.getElementById("filter");
  const words = {};
  for (const word of document.querySelectorAll("[data-word]")) {
    words[word.dataset.word] = { en: word.dataset.en, ja: word.dataset.ja };
  }
  const parts = place ? [...document.querySelectorAll("[data-outcome]")] : [];
  const kinds = {
    outcome: (part) => part.dataset.outcome.split(" "),
    case: (part) => [part.dataset.case],
    vendor: (part) => part.dataset.vendors.split(" "),
    cause: (part) => (part.dataset.cause ? part.dataset.cause.split(" ") : []),
  };

  const filter = () => {
    const asked = new URLSearchParams(location.search);
    const wanted = Object.keys(kinds).filter((kind) => asked.get(kind));
    let shown = 0;
    for (const part of parts) {
      const fits = wanted.every((kind) => kinds[kind](part).includes(asked.get(kind)));
      part.classList.toggle("apart", !fits);
      shown += fits;
    }
    for (const section of document.querySelectorAll("section.group")) {
      section.classList.toggle("apart", !section.querySelector("li:not(.apart)"));
    }
    return wanted.length ? shown : null;
  };

  const form = () => {
    if (!place || parts.length === 0) return;
    const say = (word) => words[word]?.[root.lang] ?? word;
    const asked = new URLSearchParams(location.search);
    const form = document.createElement("form");
    for (const kind of Object.keys(kinds)) {
      const values = [...new Set(parts.flatMap(kinds[kind]))].sort();
      if (values.length < 2) continue;
      const select = document.createElement("select");
      select.name = kind;
      select.add(new Option(say("all"), ""));
      for (const value of values) select.add(new Option(say(value), value));
      select.value = asked.get(kind) ?? "";
      const label = document.createElement("label");
      label.append(say(kind), select);
      form.append(label);
    }
    const clear = document.createElement("button");
    clear.type = "reset";
    clear.textContent = say("clear");
    const output = document.createElement("output");
    form.append(clear, output);
    const tell = () => {
      const shown = filter();
      output.textContent = shown === null ? "" : `${shown} ${say("shown")}`;
    };
    const change = () => {
      const query = new URLSearchParams();
      for (const select of form.querySelectorAll("select")) {
        if (select.value) query.set(select.name, select.value);
      }
      history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`);
      tell();
    };
    form.addEventListener("change", change);
    form.addEventListener("reset", () => {
      for (const select of form.querySelectorAll("select")) select.value = "";
      change();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    place.replaceChildren(form);
    tell();
  };

  const inLanguage = () => {
    // The style goes by the address; the language of the document is for who hears it.
    root.lang = shownLanguage();
    ages();
    form();
  };
  addEventListener("hashchange", inLanguage);
  inLanguage();
})();
