// Puts a Brotli and a gzip form beside each file of a built web application that becomes smaller by it; the daemon embeds
// them all, and serves whichever a browser understands. The folder is the one argument.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const [folder] = process.argv.slice(2);
const forms = { br: brotliCompressSync, gz: (bytes) => gzipSync(bytes, { level: 9 }) };
const found = readdirSync(folder, { recursive: true, withFileTypes: true });
const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
const isForm = (file) => Object.keys(forms).some((form) => file.endsWith(`.${form}`));

for (const file of files.filter(isForm)) rmSync(file);
for (const file of files.filter((file) => !isForm(file))) {
  const bytes = readFileSync(file);
  for (const [form, compress] of Object.entries(forms)) {
    const compressed = compress(bytes);
    if (compressed.length < bytes.length) writeFileSync(`${file}.${form}`, compressed);
  }
}
