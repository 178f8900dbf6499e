#pragma once
// The commands that need no LibTorch. Each takes the words after its name, prints its result on standard output and
// returns the exit code; errors are thrown and printed by main.
#include <string>
#include <vector>

namespace luthier {

int command_advise(const std::vector<std::string>& words);
int command_describe(const std::vector<std::string>& words);
int command_export(const std::vector<std::string>& words);
int command_hub(const std::vector<std::string>& words);
int command_inspect(const std::vector<std::string>& words);
int command_runs(const std::vector<std::string>& words);
int command_tokenize(const std::vector<std::string>& words);
int command_train(const std::vector<std::string>& words);
int command_vocabulary(const std::vector<std::string>& words);
int command_work(const std::vector<std::string>& words);

namespace usage {
inline constexpr const char* advise =
    "luthier-cli advise RECIPE [--facts-change never|yearly|monthly|daily] [--cite] [--set path=value]... [--json]\n"
    "  All methods for the recipe's data and model, the best first, with reasons and predicted cost.\n"
    "  --facts-change  how often the facts in the answers change\n"
    "  --cite          answers must name their source";
inline constexpr const char* describe = "luthier-cli describe [--json] [--table]";
inline constexpr const char* hub =
    "luthier-cli hub download ORG/NAME[@REVISION] [--json]\n"
    "       luthier-cli hub list [--json]\n"
    "       luthier-cli hub search WORDS... [--library NAME] [--task NAME] [--limit N] [--json]\n"
    "  Models lie in Hugging Face's own cache (HF_HOME, HF_HUB_CACHE); a stopped download is continued.\n"
    "  HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE mean what they mean to its other tools.\n"
    "  --library  transformers when not given; any: models for whatever program\n"
    "  --task     such as text-classification or image-classification\n"
    "  --json     download: a JSON object a line, {\"progress\": ...}, and at the end {\"model\": {...}}";
inline constexpr const char* inspect =
    "luthier-cli inspect data PATH [--format F] [--encoding E] [--delimiter C] [--quote C] [--header yes|no] [--json]\n"
    "       luthier-cli inspect model DIR [--json]";
inline constexpr const char* runs =
    "luthier-cli runs [list | show ID | compare ID ID | delete ID] [--json]\n"
    "       luthier-cli runs (pause | resume | stop [--discard] | checkpoint | sample) ID [--json]\n"
    "       luthier-cli runs amend ID --set path=value... [--json]\n"
    "  sample     a language model answers a few held-out prompts now\n"
    "  --discard  stops without keeping a checkpoint\n"
    "  amend      changes a paused run: training.learning_rate, training.evaluate_every, and training.batch_size, "
    "which\n"
    "             cuts the rows of a step into other pieces";
inline constexpr const char* tokenize =
    "luthier-cli tokenize --model DIR [--offsets] [--decode] [--json-lines] < TEXT\n"
    "  One line of output for each line of standard input: a JSON array of token ids, special tokens included, never "
    "cut.\n"
    "  --offsets     an object instead: ids, and offsets in code points\n"
    "  --decode      an object instead: ids, and the text they decode to; a line that is a JSON array of ids gives its "
    "text\n"
    "                as a JSON string\n"
    "  --json-lines  each input line is a JSON string";
inline constexpr const char* train =
    "luthier-cli train (RECIPE [--set path=value]... | --resume RUN) [--detach] [--json]\n"
    "  Prints the run's id first, then follows it; Ctrl+C stops the run and keeps its checkpoint.\n"
    "  --set      changes one option: --set training.learning_rate=1e-3\n"
    "  --resume   continues a run from its last checkpoint\n"
    "  --detach   leaves at once; the run goes on by itself\n"
    "  --json     a JSON object a line: the run, its events and metrics, and at the end its status, summary and "
    "artefacts";
inline constexpr const char* vocabulary =
    "luthier-cli vocabulary --kind wordpiece|byte-level-bpe --size N --out DIR [--column NAME] [--max-tokens N] "
    "[--cased]\n"
    "                       [--alphabet N] [--json] FILE...\n"
    "  Trains a tokenizer from the rows of text files or tables and writes it as a Hugging Face folder.\n"
    "  --alphabet  keeps only the N most frequent characters as tokens of their own";
inline constexpr const char* work = "luthier-cli work RUN";
}  // namespace usage

}  // namespace luthier
