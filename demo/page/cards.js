// Draws each card with Microsoft's renderer in place of our plain one. Colours are the page's own variables,
// so that light and dark follow the reader's system without drawing twice.
"use strict";
(() => {
  if (typeof AdaptiveCards === "undefined") return;
  const pair = (colour) => ({ default: `var(--${colour})`, subtle: "var(--subtle)" });
  const style = (ground) => ({
    backgroundColor: `var(--${ground})`,
    foregroundColors: {
      default: pair("text"), dark: pair("text"), light: pair("subtle"), accent: pair("accent"),
      good: pair("good"), warning: pair("warning"), attention: pair("attention"),
    },
  });
  const hostConfig = new AdaptiveCards.HostConfig({
    supportsInteractivity: true,
    fontTypes: {
      default: { fontFamily: "var(--sans)" },
      monospace: { fontFamily: "var(--mono)", fontSizes: { small: 12, default: 13 } },
    },
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    actions: { actionsOrientation: "horizontal", actionAlignment: "left", maxActions: 6, buttonSpacing: 8 },
    containerStyles: {
      default: style("plain"), emphasis: style("emphasis"), accent: style("accent-ground"),
      good: style("good-ground"), warning: style("warning-ground"), attention: style("attention-ground"),
    },
  });
  // A command wraps between its words alone, so that no option is torn at its hyphens; it is copied as it was.
  const inWords = (drawn) => {
    for (const run of drawn.querySelectorAll("span")) {
      if (run.children.length || !run.style.fontFamily.includes("--mono")) continue;
      const words = run.textContent.split(" ").map((text) => {
        const word = document.createElement("span");
        word.className = "word";
        word.textContent = text;
        return word;
      });
      run.replaceChildren(...words.flatMap((word, at) => (at ? [" ", word] : [word])));
    }
  };
  const cards = JSON.parse(document.getElementById("cards").textContent);
  for (const place of document.querySelectorAll("[data-card]")) {
    try {
      const card = new AdaptiveCards.AdaptiveCard();
      card.hostConfig = hostConfig;
      card.onExecuteAction = (action) => {
        if (String(action.url).startsWith("https://")) window.open(action.url, "_blank", "noopener,noreferrer");
      };
      card.parse(cards[Number(place.dataset.card)]);
      const drawn = card.render();
      if (drawn) {
        inWords(drawn);
        place.replaceChildren(drawn);
      }
    } catch (error) {
      console.error("this card stays as it was drawn by us", error);
    }
  }
})();
