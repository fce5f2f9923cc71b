// Looks into every frame once all are loaded, and leaves what it saw as JSON.
addEventListener("load", () => {
  const look = (frame) => {
    const page = frame.contentDocument;
    const root = page.documentElement;
    const shown = (element) => element.getClientRects().length > 0;
    const count = (lang) =>
      [...page.querySelectorAll(`body [lang="${lang}"]:not(.always)`)].filter(shown).length;
    const name = (element) =>
      element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent;
    const interactive = [...page.querySelectorAll("a[href], select, button, summary")];
    const scrolls = (element) =>
      element.scrollWidth > element.clientWidth + 1 &&
      ["auto", "scroll"].includes(frame.contentWindow.getComputedStyle(element).overflowX);
    return {
      lang: root.lang,
      en: count("en"),
      ja: count("ja"),
      overflow: root.scrollWidth - root.clientWidth,
      fields: page.querySelectorAll("#filter select").length,
      apart: page.querySelectorAll("td.apart, li.apart").length,
      nameless: interactive.filter((e) => shown(e) && !name(e).trim()).map((e) => e.outerHTML),
      unreachable: [...page.querySelectorAll("body *")].filter((e) => shown(e) && scrolls(e) && e.tabIndex < 0).length,
      heading: page.querySelector("h1")?.innerText.trim() ?? "",
    };
  };
  const result = document.createElement("pre");
  result.textContent = JSON.stringify([...document.querySelectorAll("iframe")].map(look));
  document.body.append(result);
});
