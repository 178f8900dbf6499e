#include "widgets/basics.h"

#include <QEvent>
#include <QHash>
#include <QLayout>
#include <QStyle>
#include <QVariant>

namespace luthier {

namespace {
/// Follows the text size: fonts are set by style, not by number.
void followFont(QWidget* widget, TextStyle style) {
  widget->setFont(font(style));
  QObject::connect(&theme(), &Theme::changed, widget, [widget, style] {
    QFont next = font(style);
    next.setWeight(widget->font().weight());  // a heading that was made bold stays so
    widget->setFont(next);
  });
}

/// Remembers its heights: a page asks every text of its column for them some dozens of times while it is laid out, and
/// QLabel breaks the text into lines anew for each.
class WrappedLabel : public QLabel {
 public:
  using QLabel::QLabel;

  int heightForWidth(int width) const override {
    const QString now = text();
    // The remembered text shares its letters with the label's, so that equal addresses mean an unchanged text.
    if (now.constData() != of_.constData() || now.size() != of_.size() || margin() != margin_ || indent() != indent_) {
      of_ = now;
      margin_ = margin();
      indent_ = indent();
      heights_.clear();
    }
    const auto known = heights_.constFind(width);
    if (known != heights_.cend()) return *known;
    if (heights_.size() >= kRemembered) heights_.clear();
    return *heights_.insert(width, QLabel::heightForWidth(width));
  }

 protected:
  bool event(QEvent* event) override {
    switch (event->type()) {
      case QEvent::Polish:
      case QEvent::FontChange:
      case QEvent::StyleChange:
      case QEvent::ContentsRectChange:
      case QEvent::DynamicPropertyChange:
      case QEvent::LayoutDirectionChange:
        heights_.clear();
        break;
      default:
        break;
    }
    return QLabel::event(event);
  }

 private:
  static constexpr qsizetype kRemembered = 64;
  mutable QHash<int, int> heights_;
  mutable QString of_;
  mutable int margin_ = 0, indent_ = 0;
};

QLabel* dressed(QLabel* label, TextStyle style, const char* tone) {
  label->setTextFormat(Qt::PlainText);
  followFont(label, style);
  if (*tone) label->setProperty("tone", tone);
  return label;
}
}  // namespace

void setLookProperty(QWidget* widget, const char* property, const QVariant& value) {
  if (widget->property(property) == value) return;
  widget->setProperty(property, value);
  widget->style()->unpolish(widget);
  widget->style()->polish(widget);
  widget->update();
}

QLabel* makeLabel(const QString& text, TextStyle style, const char* tone, QWidget* parent) {
  return dressed(new QLabel(text, parent), style, tone);
}

QLabel* makeText(const QString& text, TextStyle style, const char* tone, QWidget* parent) {
  QLabel* label = dressed(new WrappedLabel(text, parent), style, tone);
  label->setWordWrap(true);
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  label->setSizePolicy(policy);
  return label;
}

void setTone(QLabel* label, const char* tone) { setLookProperty(label, "tone", tone); }

QLabel* makeChip(const QString& text, const char* tone, QWidget* parent) {
  QLabel* chip = makeLabel(text, TextStyle::caption, "", parent);
  chip->setProperty("chip", tone);
  chip->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
  return chip;
}

void setChip(QLabel* chip, const QString& text, const char* tone) {
  chip->setText(text);
  setLookProperty(chip, "chip", tone);
}

QPushButton* makeButton(const QString& text, const QString& name, const char* kind, QWidget* parent) {
  auto* button = new QPushButton(text, parent);
  button->setObjectName(name);
  button->setAccessibleName(text);
  button->setCursor(Qt::PointingHandCursor);
  followFont(button, TextStyle::label);
  if (*kind) button->setProperty("kind", kind);
  button->setAutoDefault(false);
  return button;
}

QPushButton* makeSmallButton(const QString& text, const QString& name, const char* kind, QWidget* parent) {
  QPushButton* button = makeButton(text, name, kind, parent);
  button->setProperty("extent", "small");
  return button;
}

QPushButton* makeFixButton(const QString& text, const QString& name, QWidget* parent) {
  QPushButton* button = makeButton(text, name, "", parent);
  button->setProperty("extent", "fix");
  return button;
}

QPushButton* makeIconButton(const QString& iconName, const QString& what, const QString& name, QWidget* parent) {
  QPushButton* button = makeButton({}, name, "quiet", parent);
  button->setProperty("extent", "icon");
  button->setIcon(icon(iconName));
  button->setIconSize({16, 16});
  button->setAccessibleName(what);
  button->setToolTip(what);
  return button;
}

void setEnabledBecause(QWidget* widget, bool enabled, const QString& reason) {
  widget->setEnabled(enabled);
  widget->setToolTip(enabled ? QString() : reason);
  widget->setAccessibleDescription(enabled ? QString() : reason);
}

QFrame* makeLine(Qt::Orientation orientation, QWidget* parent) {
  auto* line = new QFrame(parent);
  line->setProperty("line", orientation == Qt::Horizontal ? "horizontal" : "vertical");
  return line;
}

QVBoxLayout* makeColumn(int spacing, QWidget* owner) {
  auto* layout = owner ? new QVBoxLayout(owner) : new QVBoxLayout;
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(spacing);
  return layout;
}

QHBoxLayout* makeRow(int spacing, QWidget* owner) {
  auto* layout = owner ? new QHBoxLayout(owner) : new QHBoxLayout;
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(spacing);
  return layout;
}

void clearLayout(QLayout* layout) {
  while (QLayoutItem* item = layout->takeAt(0)) {
    if (QLayout* inner = item->layout()) clearLayout(inner);
    if (QWidget* widget = item->widget()) {
      widget->hide();
      widget->deleteLater();
    }
    delete item;
  }
}

Card::Card(const QString& title, QWidget* parent) : QFrame(parent) {
  setProperty("card", "true");
  auto* all = makeColumn(0, this);
  all->setContentsMargins(1, 1, 1, 1);
  if (!title.isEmpty()) {
    auto* bar = new QWidget;
    bar->setMinimumHeight(scaled(36));
    header_ = makeRow(8, bar);
    header_->setContentsMargins(13, 0, 13, 0);
    title_ = makeLabel(title, TextStyle::label);
    QFont bold = title_->font();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    subtitle_ = makeLabel({}, TextStyle::small, "tertiary");
    header_->addWidget(title_);
    header_->addWidget(subtitle_);
    header_->addStretch(1);
    all->addWidget(bar);
  }
  body_ = makeColumn(8);
  body_->setContentsMargins(13, title.isEmpty() ? 12 : 4, 13, 12);
  all->addLayout(body_, 1);
  setAccessibleName(title);
}

ElidedLabel::ElidedLabel(const QString& text, Qt::TextElideMode mode, QWidget* parent)
    : QLabel(parent), full_(text), mode_(mode) {
  setTextFormat(Qt::PlainText);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  elide();
}

void ElidedLabel::setFullText(const QString& text) {
  full_ = text;
  setAccessibleName(text);
  updateGeometry();
  elide();
}

QSize ElidedLabel::minimumSizeHint() const { return {scaled(24), QLabel::minimumSizeHint().height()}; }

QSize ElidedLabel::sizeHint() const {
  return {fontMetrics().horizontalAdvance(full_) + 4, QLabel::sizeHint().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent* event) {
  QLabel::resizeEvent(event);
  elide();
}

void ElidedLabel::elide() {
  QString line = full_;
  line.replace('\n', ' ');
  const QString shown = fontMetrics().elidedText(line, mode_, std::max(width(), 1));
  if (shown != text()) setText(shown);
  setToolTip(shown == line ? QString() : full_);
}

}  // namespace luthier
