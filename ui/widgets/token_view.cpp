#include "widgets/token_view.h"

#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QHash>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>

#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kPlateMargin = 14, kTokenGap = 2, kInside = 4;
int boxHeight() { return scaled(20); }
int pitch() { return scaled(27); }
int captionHeight() { return scaled(20); }
}  // namespace

QString tokenRoleText(const ShownToken& token) {
  switch (token.kind) {
    case TokenKind::trained:
      return TokenView::tr("trained");
    case TokenKind::special:
      return token.loss ? TokenView::tr("special, trained") : TokenView::tr("special, no loss");
    case TokenKind::cut:
      return TokenView::tr("cut off");
    case TokenKind::trainingOnly:
      return TokenView::tr("only in training");
    case TokenKind::servingOnly:
      return TokenView::tr("only in serving");
    case TokenKind::context:
      break;
  }
  return TokenView::tr("context, no loss");
}

TokenView::TokenView(const QString& name, QWidget* parent) : QAbstractScrollArea(parent) {
  setObjectName(name);
  setAccessibleName(tr("Tokens"));
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setMouseTracking(true);
  viewport()->setAutoFillBackground(false);
  verticalScrollBar()->setSingleStep(pitch());
  connect(&theme(), &Theme::changed, this, &TokenView::arrange);
}

QSize TokenView::sizeHint() const { return {scaled(420), 2 * pitch() + 2 * scaled(10)}; }
QSize TokenView::minimumSizeHint() const { return {scaled(160), pitch() + 2 * scaled(8)}; }

void TokenView::setTokens(std::vector<ShownToken> tokens) {
  tokens_ = std::move(tokens);
  cursor_ = hovered_ = -1;
  verticalScrollBar()->setValue(0);
  setAccessibleDescription({});
  arrange();
}

void TokenView::arrange() {
  const QFontMetrics mono(luthier::font(TextStyle::mono));
  const int right = std::max(viewport()->width() - kPlateMargin, 4 * kPlateMargin);
  QHash<QString, int> widths;
  places_.assign(tokens_.size(), {});
  lines_.clear();
  int x = kPlateMargin, top = scaled(10);
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const ShownToken& token = tokens_[i];
    int& width = widths[token.text];
    if (width == 0) width = std::min(mono.horizontalAdvance(token.text) + 2 * kInside, right - kPlateMargin);
    const bool section = !token.section.isEmpty();
    if (lines_.empty() || section || x + width > right) {
      if (!lines_.empty()) top += pitch() + (section ? scaled(8) : 0);
      if (section) top += captionHeight();
      x = kPlateMargin;
      lines_.push_back({top, int(i), 0, token.section});
    }
    places_[i] = {x, width};
    ++lines_.back().count;
    x += width + kTokenGap;
  }
  height_ = lines_.empty() ? 0 : top + pitch() + scaled(4);
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setRange(0, std::max(0, height_ - viewport()->height()));
  viewport()->update();
}

const TokenView::Line& TokenView::lineOf(int index) const {
  return *std::prev(
      std::upper_bound(lines_.begin(), lines_.end(), index, [](int i, const Line& line) { return i < line.first; }));
}

QRect TokenView::tokenRect(int index) const {
  if (index < 0 || std::size_t(index) >= places_.size()) return {};
  const Place& place = places_[std::size_t(index)];
  return {place.x, lineOf(index).top - verticalScrollBar()->value(), place.width, boxHeight()};
}

int TokenView::tokenAt(const QPoint& point) const {
  const int y = point.y() + verticalScrollBar()->value();
  const auto after =
      std::upper_bound(lines_.begin(), lines_.end(), y, [](int wanted, const Line& line) { return wanted < line.top; });
  if (after == lines_.begin() || y >= std::prev(after)->top + boxHeight()) return -1;
  const Line& line = *std::prev(after);
  for (int i = line.first; i < line.first + line.count; ++i)
    if (point.x() >= places_[std::size_t(i)].x && point.x() < places_[std::size_t(i)].x + places_[std::size_t(i)].width)
      return i;
  return -1;
}

int TokenView::described() const {
  if (hovered_ >= 0) return hovered_;
  return hasFocus() ? cursor_ : -1;
}

void TokenView::setCursor(int index) {
  if (tokens_.empty()) return;
  cursor_ = std::clamp(index, 0, int(tokens_.size()) - 1);
  const ShownToken& token = tokens_[std::size_t(cursor_)];
  const Line& line = lineOf(cursor_);
  const int above = line.caption.isEmpty() ? scaled(4) : captionHeight();
  QScrollBar* bar = verticalScrollBar();
  if (line.top - above < bar->value()) bar->setValue(line.top - above);
  if (line.top + pitch() > bar->value() + viewport()->height())
    bar->setValue(line.top + pitch() - viewport()->height());
  setAccessibleDescription(
      tr("%1, id %2, position %3, %4")
          .arg(token.text, QString::number(token.id), QString::number(token.position),
               token.note.isEmpty() ? tokenRoleText(token) : tokenRoleText(token) + ", " + token.note));
  QAccessibleEvent spoken(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&spoken);
  viewport()->update();
}

void TokenView::moveLine(int by) {
  const auto line = std::size_t(&lineOf(cursor_) - lines_.data());
  if (by < 0 ? line == 0 : line + 1 == lines_.size()) return;
  const Line& other = lines_[by < 0 ? line - 1 : line + 1];
  const int middle = places_[std::size_t(cursor_)].x + places_[std::size_t(cursor_)].width / 2;
  int best = other.first;
  for (int i = other.first; i < other.first + other.count && places_[std::size_t(i)].x <= middle; ++i) best = i;
  setCursor(best);
}

void TokenView::hover(int index) {
  if (index == hovered_) return;
  hovered_ = index;
  viewport()->update();
}

void TokenView::keyPressEvent(QKeyEvent* event) {
  if (tokens_.empty()) return QAbstractScrollArea::keyPressEvent(event);
  hover(-1);
  if (event->matches(QKeySequence::Copy) && cursor_ >= 0) {
    QGuiApplication::clipboard()->setText(tokens_[std::size_t(cursor_)].text);
    return;
  }
  const int at = std::max(cursor_, 0);
  switch (event->key()) {
    case Qt::Key_Right:
      return setCursor(cursor_ + 1);
    case Qt::Key_Left:
      return setCursor(at - 1);
    case Qt::Key_Down:
      return cursor_ < 0 ? setCursor(0) : moveLine(1);
    case Qt::Key_Up:
      return cursor_ < 0 ? setCursor(0) : moveLine(-1);
    case Qt::Key_Home:
      return setCursor(event->modifiers().testFlag(Qt::ControlModifier) ? 0 : lineOf(at).first);
    case Qt::Key_End:
      return setCursor(event->modifiers().testFlag(Qt::ControlModifier) ? int(tokens_.size()) - 1
                                                                        : lineOf(at).first + lineOf(at).count - 1);
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void TokenView::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  if (cursor_ < 0 && !tokens_.empty() && event->reason() != Qt::MouseFocusReason) setCursor(0);
  viewport()->update();
}

void TokenView::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

bool TokenView::viewportEvent(QEvent* event) {
  switch (event->type()) {
    case QEvent::MouseMove:
      hover(tokenAt(static_cast<QMouseEvent*>(event)->position().toPoint()));
      break;
    case QEvent::Leave:
      hover(-1);
      break;
    case QEvent::MouseButtonPress:
      if (const int index = tokenAt(static_cast<QMouseEvent*>(event)->position().toPoint()); index >= 0)
        setCursor(index);
      break;
    default:
      break;
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void TokenView::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  arrange();
}

void TokenView::paintToken(QPainter& painter, const ShownToken& token, const QRect& rect) const {
  const Tokens& t = luthier::tokens();
  const QRectF box = rect;
  painter.setPen(Qt::NoPen);
  QColor ink = t.textSecondary;
  if (token.kind == TokenKind::cut) {
    painter.setBrush(QBrush(t.line, Qt::BDiagPattern));
    painter.drawRoundedRect(box, 2, 2);
    ink = t.textTertiary;
  } else if (token.kind == TokenKind::trainingOnly || token.kind == TokenKind::servingOnly) {
    // Amber both; what serving adds has a border, what it lacks is struck through.
    const bool added = token.kind == TokenKind::servingOnly;
    painter.setPen(added ? QPen(t.warning) : QPen(Qt::NoPen));
    painter.setBrush(t.warningSoft);
    painter.drawRoundedRect(added ? box.adjusted(0.5, 0.5, -0.5, -0.5) : box, 2, 2);
    ink = t.warning;
  } else if (token.loss) {
    painter.setBrush(t.accentSoft);
    painter.drawRoundedRect(box, 2, 2);
    painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width(), 2), t.accent);
    ink = t.textPrimary;
  } else if (token.kind == TokenKind::context) {
    painter.setBrush(t.fill);
    painter.drawRoundedRect(box, 2, 2);
  }
  if (token.kind == TokenKind::special) {
    painter.setPen(t.series4);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, token.loss ? -2.5 : -0.5), 2, 2);
    ink = t.series4;
  }
  painter.setPen(ink);
  const QRect inside = rect.adjusted(kInside - 1, 0, -kInside + 1, 0);
  painter.drawText(inside, Qt::AlignCenter | Qt::TextSingleLine,
                   painter.fontMetrics().elidedText(token.text, Qt::ElideRight, inside.width()));
  if (token.kind == TokenKind::cut || token.kind == TokenKind::trainingOnly)
    painter.drawLine(rect.left() + 2, rect.center().y(), rect.right() - 2, rect.center().y());
}

void TokenView::paintNote(QPainter& painter, int index) const {
  const Tokens& t = luthier::tokens();
  const ShownToken& token = tokens_[std::size_t(index)];
  struct Part {
    QString text;
    bool strong;
  };
  std::vector<Part> parts = {{token.text, true},
                             {tr("id"), false},
                             {QString::number(token.id), true},
                             {tr("position"), false},
                             {QString::number(token.position), true},
                             {tokenRoleText(token), false}};
  if (!token.note.isEmpty()) parts.push_back({token.note, false});
  QFont plain = luthier::font(TextStyle::small), strong = plain;
  strong.setWeight(QFont::DemiBold);
  const int room = viewport()->width() - 4 * scaled(10);
  parts[0].text = QFontMetrics(strong).elidedText(parts[0].text, Qt::ElideRight, room / 3);
  int width = 2 * scaled(10) - scaled(6);
  for (const Part& part : parts)
    width += QFontMetrics(part.strong ? strong : plain).horizontalAdvance(part.text) + scaled(6);
  const QRect at = tokenRect(index);
  const int height = scaled(28);
  int y = at.bottom() + 5;
  if (y + height > viewport()->height()) y = at.top() - 5 - height;
  y = std::clamp(y, 0, std::max(0, viewport()->height() - height));
  const int x = std::clamp(at.center().x() - width / 2, 4, std::max(4, viewport()->width() - width - 4));
  painter.setPen(Qt::NoPen);
  painter.setBrush(t.tooltip);
  painter.drawRoundedRect(QRectF(x, y, width, height), 4, 4);
  QColor faint = t.tooltipText;
  faint.setAlphaF(0.75f);
  int from = x + scaled(10);
  for (const Part& part : parts) {
    painter.setFont(part.strong ? strong : plain);
    painter.setPen(part.strong ? t.tooltipText : faint);
    const int advance = painter.fontMetrics().horizontalAdvance(part.text);
    painter.drawText(QRect(from, y, advance + 2, height), Qt::AlignVCenter | Qt::TextSingleLine, part.text);
    from += advance + scaled(6);
  }
}

void TokenView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.setRenderHint(QPainter::Antialiasing);
  const int scroll = verticalScrollBar()->value(), bottom = scroll + viewport()->height();
  auto line = std::lower_bound(lines_.begin(), lines_.end(), scroll,
                               [](const Line& one, int y) { return one.top + pitch() < y; });
  for (; line != lines_.end() && line->top - captionHeight() < bottom; ++line) {
    if (!line->caption.isEmpty()) {
      painter.setFont(luthier::font(TextStyle::caption));
      painter.setPen(luthier::tokens().textTertiary);
      painter.drawText(QRect(kPlateMargin, line->top - captionHeight() - scroll, viewport()->width(), captionHeight()),
                       Qt::AlignVCenter | Qt::TextSingleLine, line->caption);
    }
    painter.setFont(luthier::font(TextStyle::mono));
    for (int i = line->first; i < line->first + line->count; ++i)
      paintToken(painter, tokens_[std::size_t(i)], tokenRect(i));
  }
  const int told = described();
  if (told < 0) return;
  const QRectF ring = QRectF(tokenRect(told)).adjusted(-1, -1, 1, 1);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(luthier::tokens().textPrimary, 1.5));
  painter.drawRoundedRect(ring, 3, 3);
  paintNote(painter, told);
}

}  // namespace luthier
