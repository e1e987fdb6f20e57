// What a website takes over, line by line, and the pages that show it in its place.

/** A line of an example; whether it is one of those that are added. */
export interface Line {
  readonly text: string;
  readonly added: boolean;
}

/** The one line that a page needs. */
export function tag(address: string, token: string): string {
  return `<script async src="${attribute(address)}/widget.js" data-token="${attribute(token)}"></script>`;
}

/** Where it stands in a page. */
export function samplePage(address: string, token: string, name: string): readonly Line[] {
  return [
    ...plain("<!doctype html>", '<html lang="en">', "  <head>", '    <meta charset="utf-8">', `    <title>${element(name)}</title>`),
    { text: `    ${tag(address, token)}`, added: true },
    ...plain("  </head>", "  <body>", "    …", "  </body>", "</html>"),
  ];
}

/** What a content security policy has to allow. */
export function policy(address: string): string {
  return `script-src ${address}; connect-src ${address} ${address.replace(/^http/, "ws")}`;
}

/** For tag managers, which take no attributes of a script: it is made by another one. */
export function tagManager(address: string, token: string): string {
  return [
    "<script>",
    "  (function () {",
    '    var script = document.createElement("script");',
    "    script.async = true;",
    `    script.src = ${literal(`${address}/widget.js`)};`,
    `    script.dataset.token = ${literal(token)};`,
    "    document.head.append(script);",
    "  })();",
    "</script>",
  ].join("\n");
}

/** In apps: each shows a page of the website that has the line. */
export const APPS: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: "React Native",
    text: [
      'import { WebView } from "react-native-webview";',
      "",
      '<WebView source={{ uri: "https://www.example.com/chat.html" }} javaScriptEnabled domStorageEnabled />',
    ].join("\n"),
  },
  {
    name: "iOS (Swift)",
    text: [
      "let view = WKWebView(frame: .zero, configuration: WKWebViewConfiguration())",
      'view.load(URLRequest(url: URL(string: "https://www.example.com/chat.html")!))',
    ].join("\n"),
  },
  {
    name: "Android (Kotlin)",
    text: [
      "webView.settings.javaScriptEnabled = true",
      "webView.settings.domStorageEnabled = true",
      'webView.loadUrl("https://www.example.com/chat.html")',
    ].join("\n"),
  },
];

/** A page with nothing but the real widget, from the daemon that serves this one. */
export function previewPage(origin: string, token: string, language: string, dark: boolean): string {
  const script = tag(origin, token).replace("<script ", `<script data-theme="${dark ? "dark" : "light"}" data-language="${attribute(language)}" `);
  return `<!doctype html><html lang="${attribute(language)}"><head><meta charset="utf-8"><title>Chat</title><meta name="color-scheme" content="${dark ? "dark" : "light"}">${script}</head><body></body></html>`;
}

function plain(...texts: readonly string[]): Line[] {
  return texts.map((text) => ({ text, added: false }));
}

function attribute(text: string): string {
  return element(text).replaceAll('"', "&quot;");
}

function element(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** A text in a script that stands in a page: `</script>` would end it. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll("<", "\\u003c");
}
