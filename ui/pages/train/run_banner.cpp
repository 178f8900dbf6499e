#include "pages/train/run_banner.h"

#include <QHBoxLayout>

#include "widgets/basics.h"
#include "widgets/states.h"

namespace luthier {

RunBanner::RunBanner(QWidget* parent) : QFrame(parent) {
  setObjectName("runBanner");
  auto* row = makeRow(12, this);
  row->setContentsMargins(14, 10, 14, 10);
  mark_ = new StateMark;
  text_ = makeText({}, TextStyle::body, "");
  text_->setObjectName("runBannerText");
  text_->setTextFormat(Qt::RichText);
  buttons_ = makeRow(8);
  row->addWidget(mark_);
  row->addWidget(text_, 1);
  row->addLayout(buttons_);
}

void RunBanner::show(StateKind state, const char* look, const QString& title, const QString& text) {
  clearLayout(buttons_);
  setLookProperty(this, "card", look);
  mark_->setState(state);
  text_->setText("<b>" + title.toHtmlEscaped() + "</b> " + text.toHtmlEscaped());
  setAccessibleName(title + " " + text);
  QFrame::show();
}

void RunBanner::clear() {
  clearLayout(buttons_);
  hide();
}

QPushButton* RunBanner::addButton(const QString& text, const QString& name, const char* kind) {
  QPushButton* button = makeSmallButton(text, name, kind);
  buttons_->addWidget(button);
  return button;
}

}  // namespace luthier
