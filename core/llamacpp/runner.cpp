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
  /// `longest`: where texts are cut; `room`: the most tokens that are computed one after the other.
  LlamaRunner(const fs::path& file, std::int64_t longest, std::int64_t room) : longest_(longest) {
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
    const auto tokens = static_cast<std::uint32_t>(std::max({std::int64_t{32}, longest_, room}));
    computing.n_ctx = computing.n_batch = computing.n_ubatch = tokens;
    computing.n_threads = computing.n_threads_batch = 1;
    computing.type_k = computing.type_v = GGML_TYPE_F32;
    computing.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    computing.no_perf = true;
    classes_ = llama_model_n_cls_out(model_.get());
    classifies_ = llama_vocab_type(vocabulary_) == LLAMA_VOCAB_TYPE_WPM;
    computing.embeddings = classifies_;
    context_.reset(llama_init_from_model(model_.get(), computing));
    if (!context_)
      fail(ErrorKind::bad_input, "llama.cpp cannot compute with it: " + last_complaint(), file.string(),
           "export the model again");
  }

  RowResult run(const HeldOutRow& row) override {
    if (!row.text_pair.empty()) fail(ErrorKind::unsupported, "llama.cpp reads one text, not pairs of them");
    RowResult result{tokens_of(row.text), {}};
    if (result.ids.empty()) return result;
    llama_memory_clear(llama_get_memory(context_.get()), true);
    std::vector<std::int64_t> read = row.computed(result.ids);
    if (reads_before_writing()) {
      compute(result.ids, row.positions, /*encode=*/true);
      const std::vector<std::int64_t> target = target_of(row.target);
      if (row.tokens.empty()) read = target;
      read.insert(read.begin(), llama_model_decoder_start_token(model_.get()));
      read.pop_back();
      result.ids.insert(result.ids.end(), target.begin(), target.end());
    }
    compute(read, row.positions, /*encode=*/false);
    const auto count = static_cast<std::int64_t>(read.size());
    if (classifies_) {
      const float* logits = llama_get_embeddings_seq(context_.get(), 0);  // [classes]
      if (!logits) fail(ErrorKind::bad_input, "llama.cpp gives no classes for this row: " + last_complaint());
      result.logits.assign(logits, logits + classes_);
      return result;
    }
    const std::int32_t width = llama_vocab_n_tokens(vocabulary_);
    for (const std::int64_t position : row.positions) {
      const float* logits =
          position < count ? llama_get_logits_ith(context_.get(), static_cast<int>(position)) : nullptr;
      if (!logits) fail(ErrorKind::bad_input, "the row has fewer tokens than it had when it was exported");
      result.logits.insert(result.logits.end(), logits, logits + width);
    }
    return result;
  }

  std::vector<std::int64_t> answer(const HeldOutRow& row, const AnswerTask& task) override {
    llama_memory_clear(llama_get_memory(context_.get()), true);
    if (reads_before_writing()) compute(tokens_of(row.text), {}, /*encode=*/true);
    std::int32_t written = 0;
    return write_answer(task, [&](const std::vector<std::int64_t>& ids) {
      const auto last = static_cast<std::int32_t>(ids.size()) - 1;
      compute(ids, {last}, /*encode=*/false, written);
      written += last + 1;
      const float* logits = llama_get_logits_ith(context_.get(), last);
      if (!logits) fail(ErrorKind::bad_input, "llama.cpp gives no logits for the next token: " + last_complaint());
      return std::vector<float>(logits, logits + llama_vocab_n_tokens(vocabulary_));
    });
  }

  std::string chat_template() override {
    const char* written = llama_model_chat_template(model_.get(), nullptr);
    return written ? written : "";
  }

 private:
  bool reads_before_writing() const { return llama_model_has_encoder(model_.get()) && !classifies_; }

  /// `positions`: of the ids, whose logits are wanted; `before`: so many tokens were computed already.
  void compute(const std::vector<std::int64_t>& ids, const std::vector<std::int64_t>& positions, bool encode,
               std::int32_t before = 0) {
    const auto count = static_cast<std::int32_t>(ids.size());
    llama_batch batch = llama_batch_init(count, 0, 1);
    batch.n_tokens = count;
    for (std::int32_t i = 0; i < count; ++i) {
      batch.token[i] = static_cast<llama_token>(ids[static_cast<std::size_t>(i)]);
      batch.pos[i] = before + i;
      batch.n_seq_id[i] = 1;
      batch.seq_id[i][0] = 0;
      batch.logits[i] = encode || classifies_ || std::find(positions.begin(), positions.end(), i) != positions.end();
    }
    const int failed = encode ? llama_encode(context_.get(), batch) : llama_decode(context_.get(), batch);
    llama_batch_free(batch);
    if (failed) fail(ErrorKind::bad_input, "llama.cpp cannot compute this row: " + last_complaint());
  }

  /// What the decoder is to write, as the exporting process cut it.
  std::vector<std::int64_t> target_of(const std::string& text) const {
    constexpr std::size_t kMost = 24;
    std::vector<std::int64_t> ids = text.empty() ? std::vector<std::int64_t>() : tokens_of(text);
    if (ids.empty()) ids.push_back(llama_vocab_eos(vocabulary_));
    if (ids.size() > kMost) ids.resize(kMost);
    return ids;
  }

  std::vector<std::int64_t> tokens_of(const std::string& text) const {
    std::vector<llama_token> tokens(text.size() + 16);
    const std::int32_t count =
        llama_tokenize(vocabulary_, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                       static_cast<std::int32_t>(tokens.size()), /*add_special=*/true, /*parse_special=*/true);
    if (count < 0) fail(ErrorKind::bad_input, "llama.cpp cannot cut this row into tokens");
    tokens.resize(static_cast<std::size_t>(std::max(0, count)));
    const bool ends = classifies_ || llama_vocab_get_add_eos(vocabulary_);
    if (count > longest_ && ends)  // the token that ends a text stays
      tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(longest_) - 1, tokens.end() - 1);
    tokens.resize(static_cast<std::size_t>(std::min<std::int64_t>(count, longest_)));
    return {tokens.begin(), tokens.end()};
  }

  std::int64_t longest_;
  std::unique_ptr<llama_model, Free> model_;
  std::unique_ptr<llama_context, Free> context_;
  const llama_vocab* vocabulary_ = nullptr;
  bool classifies_ = false;
  std::uint32_t classes_ = 0;
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
    return std::make_unique<LlamaRunner>(gguf_file_in(folder), reference.at("max_tokens"),
                                         reference.value("longest_row", std::int64_t{0}));
  };
  format.checksums = [](const fs::path& folder) { return gguf_checksums(gguf_file_in(folder)); };
  return format;
}

}  // namespace luthier
