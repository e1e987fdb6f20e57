// The language of a demo page: `?lang`, else the browser's. Runs before anything is drawn.
"use strict";
{
  const wish = new URLSearchParams(location.search).get("lang") ?? navigator.language;
  document.documentElement.lang = wish.toLowerCase().startsWith("de") ? "de" : "en";
}
