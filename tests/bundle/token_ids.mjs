// node token_ids.mjs TOKENIZER_MJS TOKENIZER_JSON: a line of JSON for each line of standard input, which is
// [text, pair, most tokens]; the answer is [ids, types].
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, file] = process.argv.slice(2);
const { Tokenizer } = await import(pathToFileURL(module));
const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, "utf8")));
for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { ids, types } = tokenizer.encode(...JSON.parse(line));
  console.log(JSON.stringify([ids, types]));
}
