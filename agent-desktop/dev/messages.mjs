// Texts as short as they can be said: one function each, which chooses the language and nothing else. Paraglide writes three,
// with options that nobody gives. Texts that depend on a number stay as Paraglide writes them.

const TEXT = /^const (\w+?)_(\w+) = .*\(i?\) => \{\n\treturn \/\*\* @type \{LocalizedString\} \*\/ (\(`.*`\))\n\};$/gm;

export function messages() {
  return {
    name: "messages",
    enforce: "pre",
    transform(code, id) {
      if (!/\/paraglide\/messages\/(?!_index)\w+\.js$/.test(id)) return undefined;
      return { code: short(code), map: null };
    },
  };
}

/** The module of one text: the other languages first, the base language for everybody else. */
function short(code) {
  const texts = [...code.matchAll(TEXT)].map(([, locale, key, text]) => ({ locale, key, text }));
  const [base, ...others] = texts;
  if (base === undefined || others.length === 0) return code;
  const chosen = others.reduceRight((rest, { locale, text }) => `getLocale() === "${locale}" ? ${text} : ${rest}`, base.text);
  return `import { getLocale } from "../runtime.js";\nexport const ${base.key} = (i) => ${chosen};\n`;
}
