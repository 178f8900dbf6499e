#include "pages/export/overlay.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>

#include "widgets/basics.h"
#include "widgets/scroll_body.h"

namespace luthier {

namespace {
constexpr int kWidth = 880, kOverlayMargin = 24;
}

Overlay::Overlay(const QString& title, const QString& name, QWidget* page) : QWidget(page), page_(page) {
  setObjectName(name);
  hide();
  panel_ = new QFrame(this);
  panel_->setProperty("card", "true");
  auto* all = makeColumn(0, panel_);
  all->setContentsMargins(1, 1, 1, 1);
  auto* head = new QWidget;
  auto* top = makeRow(10, head);
  top->setContentsMargins(20, 12, 12, 12);
  title_ = makeLabel(title, TextStyle::heading);
  subtitle_ = new ElidedLabel;
  subtitle_->setFont(luthier::font(TextStyle::small));
  subtitle_->setProperty("tone", "secondary");
  QPushButton* x = makeIconButton("x", tr("Close"), name + "Close");
  connect(x, &QPushButton::clicked, this, &Overlay::close);
  top->addWidget(title_);
  top->addWidget(subtitle_, 1);
  top->addWidget(x);
  all->addWidget(head);
  all->addWidget(makeLine());
  area_ = new QScrollArea;
  area_->setWidgetResizable(true);
  area_->setFrameShape(QFrame::NoFrame);
  area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  inner_ = new ScrollBody;
  inner_->setProperty("surface", "none");
  body_ = makeColumn(12, inner_);
  body_->setContentsMargins(20, 16, 20, 16);
  area_->setWidget(inner_);
  all->addWidget(area_, 1);
  all->addWidget(makeLine());
  auto* foot = new QWidget;
  footer_ = makeRow(8, foot);
  footer_->setContentsMargins(20, 10, 20, 10);
  all->addWidget(foot);
  connect(&theme(), &Theme::changed, this, [this] {
    subtitle_->setFont(luthier::font(TextStyle::small));
    QTimer::singleShot(0, this, &Overlay::place);  // once every label has its new font
  });
}

void Overlay::setHeading(const QString& title, const QString& subtitle) {
  title_->setText(title);
  subtitle_->setFullText(subtitle);
  setAccessibleName(title);
}

void Overlay::open() {
  if (!page_) return;
  focusBefore_ = QApplication::focusWidget();
  QWidget* window = page_->window();
  if (parentWidget() != window) setParent(window);
  window->installEventFilter(this);
  if (window != page_) page_->installEventFilter(this);
  show();
  raise();
  place();
  // Heights that follow from widths are known once the layouts have run.
  QTimer::singleShot(0, this, &Overlay::place);
  setFocusPolicy(Qt::StrongFocus);
  setFocus();
}

void Overlay::close() {
  if (isHidden()) return;
  hide();
  if (focusBefore_) focusBefore_->setFocus();
  Q_EMIT closed();
}

void Overlay::place() {
  if (!parentWidget()) return;
  setGeometry(parentWidget()->rect());
  const int width = std::min(scaled(kWidth), this->width() - 2 * kOverlayMargin);
  const int inside = width - 2;
  inner_->layout()->activate();  // layouts inside it keep the heights of old texts otherwise
  const int wanted =
      inner_->layout()->hasHeightForWidth() ? inner_->layout()->heightForWidth(inside) : inner_->sizeHint().height();
  const int around = panel_->sizeHint().height() - area_->sizeHint().height();  // header, footer, lines, border
  const int height = std::min(wanted + around, this->height() - 2 * kOverlayMargin);
  panel_->setGeometry((this->width() - width) / 2, (this->height() - height) / 2, width, height);
}

void Overlay::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().scrim); }

void Overlay::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) return close();
  event->accept();  // not for the page below
}

void Overlay::mousePressEvent(QMouseEvent* event) {
  if (!panel_->geometry().contains(event->position().toPoint())) close();
}

bool Overlay::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize) place();
  if (watched == page_ && event->type() == QEvent::Hide) close();
  return QWidget::eventFilter(watched, event);
}

bool Overlay::focusNextPrevChild(bool next) {
  QWidget* from = QApplication::focusWidget();
  if (!from || !isAncestorOf(from)) from = this;
  for (QWidget* at = next ? from->nextInFocusChain() : from->previousInFocusChain(); at != from;
       at = next ? at->nextInFocusChain() : at->previousInFocusChain()) {
    if (!panel_->isAncestorOf(at) || !at->isVisible() || !at->isEnabled() || !(at->focusPolicy() & Qt::TabFocus))
      continue;
    at->setFocus(next ? Qt::TabFocusReason : Qt::BacktabFocusReason);
    return true;
  }
  return true;
}

}  // namespace luthier
