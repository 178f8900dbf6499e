// luthier-cli: finds the command, runs it, prints what went wrong as what, where and what to do.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>

#include "base/error.h"
#include "base/options.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/engine_library.h"
#include "cli/report.h"
#include "cli/terminal.h"

namespace {

using namespace luthier;
using Words = std::vector<std::string>;

struct Command {
  const char* name;
  const char* summary;
  const char* usage;
  int (*run)(const Words&);  ///< nullptr: the engine library has it
};

constexpr Command kCommands[] = {
    {"describe", "all families, objectives, methods, metrics and exporters with their options", usage::describe,
     command_describe},
    {"inspect", "what is in a data file or a model folder", usage::inspect, command_inspect},
    {"hub", "fetch models from the Hugging Face hub, search it, list what is here", usage::hub, command_hub},
    {"tokenize", "texts to token ids, a line each", usage::tokenize, command_tokenize},
    {"vocabulary", "train a tokenizer from texts, for models made from a config alone", usage::vocabulary,
     command_vocabulary},
    {"advise", "which methods to try for a recipe, in which order and why", usage::advise, command_advise},
    {"preflight", "what a run will need and what is wrong with it, from one dry step",
     "luthier-cli preflight RECIPE [--rate-test] [--set path=value]... [--json]\n"
     "  --rate-test  instead: 100 steps with a learning rate that rises from 1e-7 to 1 until the loss runs away, and "
     "the\n"
     "          rate that follows from it; with --json at the end {\"rate_test\": {\"points\", \"suggested\", ...}}\n"
     "  Exits with 0 when nothing blocks the start, 1 when a check does.\n"
     "  --json  a JSON object a line: {\"progress\": {\"stage\", \"share\"}}, and at the end {\"preflight\": {...}}",
     nullptr},
    {"train", "run a recipe, or continue a run", usage::train, command_train},
    {"runs", "list, show, compare, pause, resume, stop and delete runs", usage::runs, command_runs},
    {"evaluate", "measure a model on labelled data",
     "luthier-cli evaluate --model DIR [--adapter DIR] --data FILE --roles JSON [--objective KIND]", nullptr},
    {"predict", "a model's answers for every row of a file",
     "luthier-cli predict --model DIR [--adapter DIR] --data FILE --out FILE", nullptr},
    {"generate", "let a language model continue a text",
     "luthier-cli generate --model DIR [--adapter DIR] --prompt TEXT [--max-new-tokens N] [--temperature T]\n"
     "                       [--top-p P] [--top-k K] [--repetition-penalty R] [--seed N] [--stop TEXT]...",
     nullptr},
    {"serve", "answer other programs on this machine over HTTP",
     "luthier-cli serve RUN|DIR [--adapter DIR] [--port N] [--base] [--device auto|cpu|cuda] [--until-stdin-closes]\n"
     "  Prints its address, then answers until it is interrupted; docs/api.md describes the requests.\n"
     "  --base                serves the untouched model beside the trained one, as \"base\" beside \"tuned\"\n"
     "  --until-stdin-closes  ends with the program that started it",
     nullptr},
    {"export", "write a trained model for its next home, with a proof",
     "luthier-cli export RUN|DIR [--adapter DIR] --to FORMAT --out DIR [--precision TYPE] [--unmerged] [--overwrite]\n"
     "                   [--set OPTION=VALUE]...   the options of an export: luthier-cli describe --json\n"
     "       luthier-cli export --verify DIR",
     command_export},
    {"merge", "several adapters as one, or a model between the base and the tuned one, with a proof",
     "luthier-cli merge BASE --adapter DIR[=WEIGHT]... [--how KIND] [--density D] [--seed N] [--to FORMAT] --out DIR\n"
     "       luthier-cli merge BASE TUNED --share S [--to FORMAT] --out DIR",
     nullptr},
    {"import", "make a Hugging Face folder of a torchvision ResNet, EfficientNet or ViT (.pth)",
     "luthier-cli import FILE --out DIR\n"
     "  FILE is a state dict as torchvision publishes it or torch.save writes it; nothing in it is run.",
     nullptr},
    {"lab", "numbers of single passes and steps, for checks from outside",
     "luthier-cli lab forward --model DIR [--adapter DIR] --inputs F.safetensors [--prefix P] --out F.safetensors\n"
     "       luthier-cli lab replay --model DIR [--adapter DIR | --method JSON] --inputs F.safetensors --steps N\n"
     "                       --optimizer JSON --out F.json [--save DIR]\n"
     "       luthier-cli lab quantise --inputs F.safetensors --tensor NAME --type nf4|fp4|int8 [--block N] [--double]\n"
     "                       --out F.safetensors",
     nullptr},
    {"work", "wait for a queued run's turn and watch over its trainer (train and the window start it)", usage::work,
     command_work},
    {"train-worker", "the trainer of a run (work starts it)", "luthier-cli train-worker RUN", nullptr},
};

void print_help() {
  std::vector<std::vector<std::string>> rows;
  for (const Command& command : kCommands) rows.push_back({command.name, command.summary});
  std::cout << "Luthier fine-tunes pre-trained models.\n\n"
               "usage: luthier-cli COMMAND [ARGUMENTS]\n\n"
            << table_text(rows, 2)
            << "\nEvery command takes --json (results and errors for machines on standard output) and --help.\n"
               "Exit codes: 0 done, 1 failed, 2 wrong input.\n"
               "Runs are kept in $LUTHIER_HOME (default: ~/.local/share/luthier).\n";
}

const Command& find_command(const std::string& name) {
  for (const Command& command : kCommands)
    if (name == command.name) return command;
  Words known;
  for (const Command& command : kCommands) known.push_back(command.name);
  const std::string meant = closest(name, known);
  fail(ErrorKind::bad_input, "there is no command \"" + one_line(name, 60) + "\"", {},
       meant.empty() ? "luthier-cli --help lists the commands" : "did you mean " + meant + "?");
}

int run(const Words& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_help();
    return 0;
  }
  if (words[0] == "--version") {
    std::cout << "luthier " << kVersion << "\n";
    return 0;
  }
  const Command& command = find_command(words[0]);
  const auto end = std::find(words.begin(), words.end(), "--");
  if (std::find(words.begin(), end, "--help") != end) {
    std::cout << command.summary << "\n\nusage: " << command.usage << "\n";
    return 0;
  }
  return command.run ? command.run(Words(words.begin() + 1, words.end())) : run_in_engine(words);
}

}  // namespace

int main(int count, char** arguments) {
  std::ios::sync_with_stdio(false);
  const Words words(arguments + std::min(count, 1), arguments + count);
  const auto end = std::find(words.begin(), words.end(), "--");
  const bool json = std::find(words.begin(), end, "--json") != end;
  try {
    const int code = run(words);
    std::cout.flush();
    if (!std::cout) fail_errno("the result cannot be written", "standard output");
    return code;
  } catch (const Error& error) {
    return report(error, json);
  } catch (const std::bad_alloc&) {
    return report(
        {ErrorKind::out_of_memory, "there is not enough memory", {}, "close other programs, or use a smaller input"},
        json);
  } catch (const std::exception& error) {
    return report({ErrorKind::internal, error.what(), {}, "please report this with the command that led to it"}, json);
  }
}
