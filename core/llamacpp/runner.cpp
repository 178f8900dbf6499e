#include "llamacpp/runner.h"

#include <llama.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "gguf/convert.h"

namespace luthier {

namespace fs = std::filesystem;

namespace {

struct Free {
  void operator()(llama_model* one) const { llama_model_free(one); }
  void operator()(llama_context* one) const { llama_free(one); }
};

/// What libllama said last of what went wrong: it returns no reasons.
std::string& last_complaint() {
  static std::string text;
  return text;
}

void keep_complaints(ggml_log_level level, const char* text, void*) {
  if (level == GGML_LOG_LEVEL_ERROR) last_complaint() = text;
}

class LlamaRunner : public ArtefactRunner {
 public:
  LlamaRunner(const fs::path& file, std::int64_t longest) : longest_(longest) {
    llama_log_set(keep_complaints, nullptr);
    llama_backend_init();
    llama_model_params loading = llama_model_default_params();
    loading.n_gpu_layers = 0;
    loading.check_tensors = true;
    loading.use_extra_bufts = false;  // weights as they lie in the file
    model_.reset(llama_model_load_from_file(file.c_str(), loading));
    if (!model_)
      fail(ErrorKind::bad_input, "llama.cpp does not open it: " + last_complaint(), file.string(),
           "export the model again");
    vocabulary_ = llama_model_get_vocab(model_.get());
    llama_context_params computing = llama_context_default_params();
    const auto tokens = static_cast<std::uint32_t>(std::max<std::int64_t>(32, longest_));
    computing.n_ctx = computing.n_batch = computing.n_ubatch = tokens;
    computing.n_threads = computing.n_threads_batch = 1;
    computing.type_k = computing.type_v = GGML_TYPE_F32;
    computing.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    computing.no_perf = true;
    context_.reset(llama_init_from_model(model_.get(), computing));
    if (!context_)
      fail(ErrorKind::bad_input, "llama.cpp cannot compute with it: " + last_complaint(), file.string(),
           "export the model again");
  }

  RowResult run(const HeldOutRow& row) override {
    RowResult result{tokens_of(row.text), {}};
    if (result.ids.empty()) return result;
    const auto count = static_cast<std::int32_t>(result.ids.size());
    llama_batch batch = llama_batch_init(count, 0, 1);
    batch.n_tokens = count;
    for (std::int32_t i = 0; i < count; ++i) {
      batch.token[i] = static_cast<llama_token>(result.ids[static_cast<std::size_t>(i)]);
      batch.pos[i] = i;
      batch.n_seq_id[i] = 1;
      batch.seq_id[i][0] = 0;
      batch.logits[i] = std::find(row.positions.begin(), row.positions.end(), i) != row.positions.end();
    }
    llama_memory_clear(llama_get_memory(context_.get()), true);
    const int failed = llama_decode(context_.get(), batch);
    llama_batch_free(batch);
    if (failed) fail(ErrorKind::bad_input, "llama.cpp cannot compute this row: " + last_complaint());
    const std::int32_t width = llama_vocab_n_tokens(vocabulary_);
    for (const std::int64_t position : row.positions) {
      const float* logits =
          position < count ? llama_get_logits_ith(context_.get(), static_cast<int>(position)) : nullptr;
      if (!logits) fail(ErrorKind::bad_input, "the row has fewer tokens than it had when it was exported");
      result.logits.insert(result.logits.end(), logits, logits + width);
    }
    return result;
  }

 private:
  std::vector<std::int64_t> tokens_of(const std::string& text) const {
    std::vector<llama_token> tokens(text.size() + 16);
    const std::int32_t count =
        llama_tokenize(vocabulary_, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                       static_cast<std::int32_t>(tokens.size()), /*add_special=*/true, /*parse_special=*/true);
    if (count < 0) fail(ErrorKind::bad_input, "llama.cpp cannot cut this row into tokens");
    tokens.resize(static_cast<std::size_t>(std::min<std::int64_t>(count, longest_)));
    return {tokens.begin(), tokens.end()};
  }

  std::int64_t longest_;
  std::unique_ptr<llama_model, Free> model_;
  std::unique_ptr<llama_context, Free> context_;
  const llama_vocab* vocabulary_ = nullptr;
};

}  // namespace

fs::path gguf_file_in(const fs::path& folder) {
  fs::path found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".gguf") continue;
    if (!found.empty())
      fail(ErrorKind::bad_input, "there are several GGUF files", folder.string(), "keep the one that was exported");
    found = entry.path();
  }
  if (found.empty()) fail(ErrorKind::not_found, "there is no GGUF file", folder.string(), "export the model again");
  return found;
}

ArtefactFormat gguf_format() {
  ArtefactFormat format;
  format.open = [](const fs::path& folder, const Json& reference) -> std::unique_ptr<ArtefactRunner> {
    return std::make_unique<LlamaRunner>(gguf_file_in(folder), reference.at("max_tokens"));
  };
  format.checksums = [](const fs::path& folder) { return gguf_checksums(gguf_file_in(folder)); };
  return format;
}

}  // namespace luthier
