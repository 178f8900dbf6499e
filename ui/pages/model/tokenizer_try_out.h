#pragma once
// A line to type, and the tokens that the model's tokenizer makes of it.
#include <filesystem>
#include <memory>

#include "widgets/basics.h"

class QLineEdit;

namespace luthier {

class TokenView;
class Tokenizer;

class TokenizerTryOut : public Card {
  Q_OBJECT
 public:
  explicit TokenizerTryOut(QWidget* parent = nullptr);
  /// `what` is shown beside the title ("WordPiece, 8,192 tokens").
  void setModel(const std::filesystem::path& folder, const QString& what);

 Q_SIGNALS:
  void tokenized();

 private:
  struct Kept;
  void tokenize();
  std::filesystem::path folder_;
  std::shared_ptr<Kept> kept_;
  QLineEdit* edit_;
  TokenView* view_;
  QLabel* count_;
  bool working_ = false, again_ = false;
};

}  // namespace luthier
