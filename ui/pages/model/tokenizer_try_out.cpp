#include "pages/model/tokenizer_try_out.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

#include "document/token_spelling.h"
#include "jobs/job.h"
#include "widgets/format.h"
#include "widgets/token_view.h"

namespace luthier {

namespace {
constexpr int kLongestLine = 20000;

std::vector<ShownToken> tokensOf(const Tokenizer& tokenizer, const std::string& text) {
  const TokenSpelling spelling(tokenizer);
  std::vector<ShownToken> tokens;
  for (const std::int64_t id : tokenizer.encode(text).ids) {
    ShownToken token;
    token.id = id;
    token.text = spelling.text(id);
    token.position = std::int64_t(tokens.size());
    token.kind = tokenizer.is_special(id) ? TokenKind::special : TokenKind::context;
    tokens.push_back(std::move(token));
  }
  return tokens;
}
}  // namespace

/// The tokenizer of the model looked at last; used by one thread at a time.
struct TokenizerTryOut::Kept {
  std::filesystem::path folder;
  std::optional<Tokenizer> tokenizer;
};

TokenizerTryOut::TokenizerTryOut(QWidget* parent) : Card(tr("Tokenizer"), parent), kept_(std::make_shared<Kept>()) {
  setObjectName("tokenizerTryOut");
  count_ = makeLabel({}, TextStyle::small, "tertiary");
  count_->setObjectName("tokenizerCount");
  header()->addWidget(count_);
  edit_ = new QLineEdit(tr("Type a line here to see its tokens, and rare words as well: defragmentation."));
  edit_->setObjectName("tokenizerEdit");
  edit_->setAccessibleName(tr("Text to tokenise"));
  edit_->setMaxLength(kLongestLine);
  view_ = new TokenView("tokenizerTokens");
  view_->setAccessibleName(tr("Tokens of the line"));
  body()->setContentsMargins(0, 0, 0, 4);
  body()->setSpacing(0);
  auto* row = makeRow(0);
  row->setContentsMargins(13, 2, 13, 0);
  row->addWidget(edit_);
  body()->addLayout(row);
  body()->addWidget(view_, 1);
  connect(edit_, &QLineEdit::textChanged, this, &TokenizerTryOut::tokenize);
}

void TokenizerTryOut::setModel(const std::filesystem::path& folder, const QString& what) {
  subtitle()->setText(what);
  folder_ = folder;
  tokenize();
}

void TokenizerTryOut::tokenize() {
  if (folder_.empty()) return;
  if (working_) {
    again_ = true;
    return;
  }
  working_ = true;
  auto tokens = std::make_shared<std::vector<ShownToken>>();
  auto* job = new ThreadJob(
      tr("The text cannot be shown as tokens"),
      [kept = kept_, folder = folder_, text = edit_->text().toStdString(), tokens](JobProgress&) {
        if (kept->folder != folder || !kept->tokenizer) {
          kept->tokenizer.reset();
          kept->folder = folder;
          kept->tokenizer.emplace(Tokenizer::open(folder));
        }
        *tokens = tokensOf(*kept->tokenizer, text);
      },
      [] {}, this);
  connect(job, &Job::finished, this, [this, tokens](const std::optional<ErrorText>& error) {
    working_ = false;
    if (again_) {
      again_ = false;
      return tokenize();
    }
    count_->setText(error ? error->what : tr("Tokens: %1").arg(countText(std::int64_t(tokens->size()))));
    setTone(count_, error ? "error" : "tertiary");
    view_->setTokens(std::move(*tokens));
    Q_EMIT tokenized();
  });
  job->start();
}

}  // namespace luthier
