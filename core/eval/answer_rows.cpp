#include "eval/answer_rows.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "eval/answers.h"
#include "models/evaluating.h"
#include "models/generation.h"
#include "models/sequences.h"

namespace luthier {

namespace {

/// Rows that could be read, side by side.
struct ReadRows {
  Batch batch;
  std::vector<std::size_t> rows;
};

bool is_unreadable(const Error& error) {
  return error.kind == ErrorKind::bad_input || error.kind == ErrorKind::not_found || error.kind == ErrorKind::io ||
         error.kind == ErrorKind::unsupported;
}

/// Calls `read` for each row from `first` on; rows whose file cannot be read are left out.
template <class Read>
void read_each(std::size_t first, std::size_t last, std::vector<std::size_t>& kept, const Read& read) {
  for (std::size_t i = first; i < last; ++i) {
    try {
      if (read(i)) kept.push_back(i);
    } catch (const Error& error) {
      if (!is_unreadable(error)) throw;
    }
  }
}

ReadRows read_rows(const Model& model, const Tokenizer* tokenizer, const Processors& processors,
                   const std::vector<TextRow>& all, std::size_t first, std::size_t last,
                   const AnswerRowsOptions& options) {
  ReadRows read;
  const auto place = [&](std::size_t i) { return MediaPlace{all[i].media_path, all[i].media_bytes}; };
  if (processors.image) {
    std::vector<Image> images;
    read_each(first, last, read.rows, [&](std::size_t i) {
      images.push_back(decode_image_at(place(i)));
      return true;
    });
    if (!images.empty()) read.batch = image_batch(images, *processors.image);
  } else if (processors.audio) {
    std::vector<std::vector<float>> recordings;
    read_each(first, last, read.rows, [&](std::size_t i) {
      recordings.push_back(audio_input(place(i), processors, options.longest_seconds));
      return true;
    });
    if (!recordings.empty()) read.batch = audio_batch(recordings, processors);
  } else {
    std::vector<Encoding> encodings;
    read_each(first, last, read.rows, [&](std::size_t i) {
      Encoding encoding = tokenizer->encode(options.seq2seq.prefix + all[i].text, true, options.max_tokens);
      if (encoding.ids.empty()) return false;
      encodings.push_back(std::move(encoding));
      return true;
    });
    if (!encodings.empty()) read.batch = batch_of(encodings, *tokenizer, model);
  }
  read.batch = read.batch.to(at::Device(options.device));
  return read;
}

std::vector<std::string> texts_of(Model& model, const Tokenizer& tokenizer, const ReadRows& read,
                                  const AnswerRowsOptions& options) {
  if (model.head_kind() == Head::ctc) {
    const Tensor logits = model.logits(read.batch);  // [B, F, V]
    return spelled(logits, model.frame_lengths(read.batch, logits.size(1)), ctc_blank(model.config()), tokenizer);
  }
  GenerateInputs inputs;
  inputs.source = read.batch;
  if (!options.prompt.empty()) inputs.prompts.assign(read.rows.size(), options.prompt);
  GenerateOptions generation;
  generation.max_new_tokens = options.seq2seq.max_target_tokens;
  generation.beams = options.seq2seq.beams;
  generation.stop_ids = options.stop_ids;
  generation.suppress = options.suppress;
  generation.suppress_at_start = options.suppress_at_start;
  std::vector<std::string> texts;
  for (const auto& ids : generate_from(model, inputs, generation)) texts.push_back(tokenizer.decode(ids));
  return texts;
}

/// Calls `answer` with one batch after the other.
void in_batches(Model& model, const Tokenizer* tokenizer, const Processors& processors,
                const std::vector<TextRow>& rows, const AnswerRowsOptions& options,
                const std::function<void(const ReadRows&)>& answer) {
  const Evaluating evaluating(model);
  const auto step = static_cast<std::size_t>(std::max<std::int64_t>(1, options.batch_size));
  for (std::size_t first = 0; first < rows.size(); first += step) {
    const ReadRows read =
        read_rows(model, tokenizer, processors, rows, first, std::min(rows.size(), first + step), options);
    if (!read.rows.empty()) answer(read);
  }
}

}  // namespace

std::vector<WrittenRow> written_answers(Model& model, const Tokenizer& tokenizer, const Processors& processors,
                                        const std::vector<TextRow>& rows, const AnswerRowsOptions& options) {
  if (model.head_kind() != Head::seq2seq_lm && model.head_kind() != Head::ctc)
    fail(ErrorKind::internal, "only encoder-decoders and CTC models write answers");
  std::vector<WrittenRow> answers(rows.size(), WrittenRow{"", true});
  in_batches(model, &tokenizer, processors, rows, options, [&](const ReadRows& read) {
    const std::vector<std::string> texts = texts_of(model, tokenizer, read, options);
    for (std::size_t i = 0; i < texts.size(); ++i) answers[read.rows[i]] = {texts[i], false};
  });
  return answers;
}

std::vector<Answer> media_answers(Model& model, const Processors& processors, const std::vector<TextRow>& rows,
                                  const AnswerRowsOptions& options) {
  if (!classifies_rows(model.head_kind()) || processors.modality() == "text")
    fail(ErrorKind::internal, "only models that classify images or recordings answer these rows");
  std::vector<Answer> answers(rows.size());
  in_batches(model, nullptr, processors, rows, options, [&](const ReadRows& read) {
    const Tensor scores = scores_of(model.logits(read.batch), options.scoring);  // [B, L]
    for (std::size_t i = 0; i < read.rows.size(); ++i)
      add_scores(scores.select(0, static_cast<std::int64_t>(i)), options.scoring, answers[read.rows[i]]);
  });
  return answers;
}

}  // namespace luthier
