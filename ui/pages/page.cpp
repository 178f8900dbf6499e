#include "pages/page.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace luthier {

Page::Page(Workbench& workbench, const QString& title, const QString& name, QWidget* parent)
    : QWidget(parent), workbench_(workbench), title_(title) {
  setObjectName(name);
  setAccessibleName(title);
  auto* all = makeColumn(0, this);
  auto* bar = new QWidget;
  bar->setFixedHeight(scaled(52));
  header_ = makeRow(10, bar);
  header_->setContentsMargins(20, 0, 20, 0);
  titleLabel_ = makeLabel(title, TextStyle::title);
  titleLabel_->setObjectName("pageTitle");
  subtitle_ = new ElidedLabel;
  subtitle_->setFont(luthier::font(TextStyle::body));
  subtitle_->setProperty("tone", "secondary");
  header_->addWidget(titleLabel_);
  header_->addWidget(subtitle_, 1);
  all->addWidget(bar);
  all->addWidget(makeLine());
  content_ = makeColumn(12);
  content_->setContentsMargins(20, 16, 20, 16);
  all->addLayout(content_, 1);
  connect(&theme(), &Theme::changed, this, [this, bar] {
    bar->setFixedHeight(scaled(52));
    subtitle_->setFont(luthier::font(TextStyle::body));
  });
}

void Page::setTitle(const QString& title, const QString& subtitle) {
  titleLabel_->setText(title);
  subtitle_->setFullText(subtitle);
}

void Page::setSubtitle(const QString& subtitle) { subtitle_->setFullText(subtitle); }

void Page::addHeaderButton(QWidget* button) { header_->addWidget(button); }

}  // namespace luthier
