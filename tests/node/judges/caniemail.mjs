// What mail clients do not know of the HTML files of a folder: {feature: {client: one of the files}}, as JSON.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { caniemail } from "caniemail";

const [folder] = process.argv.slice(2);
const clients = ["gmail.*", "outlook.*", "yahoo.*", "orange.*", "apple-mail.*", "samsung-email.*", "sfr.*"];
const unknown = {};
for (const file of readdirSync(folder).filter((name) => name.endsWith(".html"))) {
  const { issues } = caniemail({ clients, html: readFileSync(join(folder, file), "utf8") });
  for (const [client, features] of issues.errors) {
    for (const { title } of features) (unknown[title] ??= {})[client] = file;
  }
}
console.log(JSON.stringify(unknown));
