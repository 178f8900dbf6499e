#include "widgets/search_edit.h"

#include <QKeyEvent>
#include <QLineEdit>

#include "theme/theme.h"

namespace luthier {

namespace {
class SearchEdit : public QLineEdit {
 protected:
  void keyPressEvent(QKeyEvent* event) override {
    if (event->key() == Qt::Key_Escape && !text().isEmpty()) return clear();
    QLineEdit::keyPressEvent(event);
  }
};
}  // namespace

QLineEdit* makeSearchEdit(const QString& what, const QString& name) {
  auto* edit = new SearchEdit;
  edit->setObjectName(name);
  edit->setPlaceholderText(what);
  edit->setAccessibleName(what);
  edit->setClearButtonEnabled(true);
  edit->addAction(icon("search"), QLineEdit::LeadingPosition);
  return edit;
}

}  // namespace luthier
