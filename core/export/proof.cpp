#include "export/proof.h"

#include <ATen/ops/cat.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "export/artefact.h"
#include "export/formats.h"
#include "export/layer_prints.h"
#include "export/row_logits.h"
#include "models/tensors.h"
#include "proof/verification.h"

extern char** environ;

namespace luthier {

namespace {
constexpr std::int64_t kProofRows = 64;
constexpr std::int64_t kReferenceBytes = 32 << 20;  ///< a large vocabulary: fewer positions of each row are compared

std::int64_t positions_a_row(Model& model, std::int64_t rows) {
  if (classifies_rows(model.head_kind()) || model.head_kind() == Head::token_classification) return INT64_MAX;
  const std::int64_t bytes = rows * model.vocabulary() * static_cast<std::int64_t>(sizeof(float));
  return std::max<std::int64_t>(1, kReferenceBytes / std::max<std::int64_t>(1, bytes));
}

constexpr std::uint64_t kMediaBytes = 16u << 20;  ///< images and recordings are copied until there are so many
constexpr double kLongestSeconds = 30;

double seconds_of_recipe(const std::string& recipe_json) {
  if (recipe_json.empty()) return kLongestSeconds;
  const Json recipe = parse_json(recipe_json, "recipe");
  const auto data = recipe.find("data");
  return data != recipe.end() && data->is_object() ? data->value("longest_seconds", kLongestSeconds) : kLongestSeconds;
}

constexpr auto kAskEvery = std::chrono::milliseconds(20);

/// Ends a process that nobody waits for any more.
void end_process(pid_t id) {
  ::kill(id, SIGKILL);
  while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// Runs the program to its end, its output into `log`; "" or what went wrong. `ask` is called while it runs; when it
/// throws, the program is ended.
std::string run_to_end(const std::vector<std::string>& words, const fs::path& log, const std::function<void()>& ask) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t id = 0;
  // Not fork: LibTorch's and OpenMP's threads do not survive it.
  const int failed = ::posix_spawn(&id, words[0].c_str(), &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed) return std::string("it cannot be started: ") + std::strerror(failed);
  int status = 0;
  for (pid_t ended = 0; ended != id;) {
    ended = ::waitpid(id, &status, WNOHANG);
    if (ended < 0 && errno != EINTR) return std::string("it cannot be waited for: ") + std::strerror(errno);
    if (ended == id) break;
    try {
      ask();
    } catch (...) {
      end_process(id);
      throw;
    }
    std::this_thread::sleep_for(kAskEvery);
  }
  if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) <= 1 ? "" : "it ended with exit code " + std::to_string(WEXITSTATUS(status));
}

std::string end_of(const fs::path& log) {
  constexpr std::size_t kShown = 2000;
  std::error_code absent;
  if (!fs::exists(log, absent)) return {};
  const std::string text = read_file(log);
  return text.size() > kShown ? text.substr(text.size() - kShown) : text;
}

std::string write_failure(const fs::path& folder, const std::string& reason) {
  const Json proof = {{"passed", false}, {"problem", reason}, {"made", utc_now()}, {"luthier", kVersion}};
  write_json(folder / "proof.json", proof);
  return proof.dump();
}

}  // namespace

void write_reference(Model& live, const ExportInputs& inputs, const ExportOptions& options, const Json& merging,
                     const fs::path& folder) {
  const fs::path place = folder / "proof";
  fs::create_directories(place);
  const auto rows = std::min<std::int64_t>(kProofRows, static_cast<std::int64_t>(inputs.proof_rows.size()));
  const std::int64_t most = positions_a_row(live, rows);
  const double longest = seconds_of_recipe(inputs.recipe_json);
  const RowReading reading{inputs.tokenizer, inputs.processors, inputs.max_tokens, longest};
  Json texts = Json::array(), layers;
  std::vector<Tensor> logits;
  std::uint64_t media_bytes = 0;
  for (std::int64_t i = 0; i < rows && media_bytes < kMediaBytes; ++i) {
    const ProofRow& row = inputs.proof_rows[static_cast<std::size_t>(i)];
    if (inputs.progress)
      inputs.progress("computing what the copy must give", static_cast<double>(i) / static_cast<double>(rows));
    RowLogits computed;
    try {
      computed = row_logits(live, reading, row, std::nullopt, most);
    } catch (const Error& error) {
      if (row.media_path.empty() && row.media_bytes.empty()) throw;
      continue;  // a file that cannot be decoded proves nothing
    }
    Json written = {{"text", row.text},
                    {"text_pair", row.text_pair},
                    {"target", row.target},
                    {"ids", computed.ids},
                    {"positions", computed.positions},
                    {"logits", computed.logits.defined() ? computed.logits.size(0) : 0}};
    if (!row.media_path.empty() || !row.media_bytes.empty()) {
      // The artefact can be checked again where the data is not.
      const std::string bytes = row.media_path.empty() ? row.media_bytes : read_file(row.media_path);
      const std::string name = "row-" + std::to_string(i) + fs::path(row.media_path).extension().string();
      write_atomically(place / name, bytes);
      written["media"] = name;
      media_bytes += bytes.size();
    }
    texts.push_back(std::move(written));
    if (!computed.logits.defined()) continue;
    if (logits.empty()) layers = {{"row", texts.size() - 1}, {"prints", layer_prints(live, reading, row)}};
    logits.push_back(computed.logits);
  }
  write_atomically(place / "rows.json", texts.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  NamedTensors tensors;
  if (!logits.empty()) tensors.emplace_back("logits", at::cat(logits));  // [sum of P, L or V]
  write_tensors(place / "reference.safetensors", tensors);
  Json reference = {{"format", options.format},
                    {"precision", options.precision},
                    {"max_tokens", inputs.max_tokens},
                    {"longest_seconds", longest},
                    {"rows", texts.size()},
                    {"tensors", format_checksums(options.format, folder)},
                    {"base_tensors", Json::object()},
                    {"merging", merging},
                    {"layers", std::move(layers)}};
  if (fs::exists(folder / "adapter_config.json")) reference["base_tensors"] = tensor_checksums(base_of_adapter(folder));
  write_json(place / "reference.json", reference);
}

fs::path find_cli() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path folder = self.parent_path();
  for (const fs::path& place : {folder / "luthier-cli", folder / "../bin/luthier-cli"})
    if (fs::exists(place, error)) return fs::canonical(place);
  fail(ErrorKind::not_found, "luthier-cli is missing: it checks what was exported", folder.string(),
       "install or build Luthier again, then: luthier-cli export --verify FOLDER");
}

std::string prove_in_another_process(const fs::path& folder, const ExportProgress& progress) {
  const fs::path log = folder / "proof" / "log.txt";
  std::error_code ignored;
  fs::remove(folder / "proof.json", ignored);
  std::string problem;
  try {
    problem = run_to_end({find_cli().string(), "export", "--verify", fs::absolute(folder).string()}, log, [&] {
      if (progress) progress("checking it in another process", -1);
    });
  } catch (const Error& error) {
    if (error.kind == ErrorKind::cancelled) throw;
    problem = error.text();
  }
  if (problem.empty() && !fs::exists(folder / "proof.json")) problem = "it wrote no result";
  if (!problem.empty())
    return write_failure(folder, "the check did not come to its end: " + problem + "\n" + end_of(log));
  fs::remove(log, ignored);
  return read_json(folder / "proof.json").dump();
}

}  // namespace luthier
