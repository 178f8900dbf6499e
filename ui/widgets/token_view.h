#pragma once
// Tokens as they flow, one box each: what is trained, what is only read, what is special, what was cut off.
#include <QAbstractScrollArea>
#include <QString>
#include <cstdint>
#include <vector>

namespace luthier {

/// trainingOnly, servingOnly: where two prompts are compared, what one of them has alone.
enum class TokenKind { context, trained, special, cut, trainingOnly, servingOnly };

struct ShownToken {
  QString text;  ///< as a person reads it: "·small", "##s"
  std::int64_t id = 0;
  std::int64_t position = 0;  ///< in what the model reads; of a cut one: in the whole row
  TokenKind kind = TokenKind::context;
  bool loss = false;  ///< it is predicted (special ones may be, too)
  QString note;       ///< what else is to be told: "tag B-PER"; may be empty
  QString section;    ///< begins a block with this caption; may be empty
};

/// "trained", "context, no loss", "special, trained", ...: how a token's role is told.
QString tokenRoleText(const ShownToken& token);

/// Boxes in lines as wide as the view. Only what is visible is painted, so a row may have a hundred thousand tokens.
/// The token under the mouse, or under the cursor that the arrow keys move, is described in a note beside it.
class TokenView : public QAbstractScrollArea {
  Q_OBJECT
 public:
  explicit TokenView(const QString& name, QWidget* parent = nullptr);

  void setTokens(std::vector<ShownToken> tokens);
  const std::vector<ShownToken>& tokens() const { return tokens_; }
  /// Index of the token that the keyboard is on; -1 before.
  int cursor() const { return cursor_; }
  void setCursor(int index);
  /// The token whose note is shown; -1: none.
  int described() const;
  /// Where a token lies in the viewport now.
  QRect tokenRect(int index) const;
  /// The token at a point of the viewport; -1: none.
  int tokenAt(const QPoint& point) const;
  int contentHeight() const { return height_; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void keyPressEvent(QKeyEvent*) override;
  void focusInEvent(QFocusEvent*) override;
  void focusOutEvent(QFocusEvent*) override;
  bool viewportEvent(QEvent*) override;

 private:
  struct Line {
    int top = 0, first = 0, count = 0;
    QString caption;
  };
  struct Place {
    int x = 0, width = 0;
  };
  void arrange();
  const Line& lineOf(int index) const;
  void moveLine(int by);
  void hover(int index);
  void paintToken(class QPainter& painter, const ShownToken& token, const QRect& rect) const;
  void paintNote(class QPainter& painter, int index) const;

  std::vector<ShownToken> tokens_;
  std::vector<Place> places_;
  std::vector<Line> lines_;
  int height_ = 0, cursor_ = -1, hovered_ = -1;
};

}  // namespace luthier
