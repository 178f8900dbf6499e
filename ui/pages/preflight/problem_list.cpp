#include "pages/preflight/problem_list.h"

#include <QHBoxLayout>

namespace luthier {

Step pageOf(const QString& path) {
  if (path == "data" || path.startsWith("data.")) return Step::data;
  if (path == "model" || path.startsWith("model.")) return Step::model;
  return Step::method;
}

QString pageName(Step step) {
  switch (step) {
    case Step::data:
      return QObject::tr("Data");
    case Step::model:
      return QObject::tr("Model");
    default:
      return QObject::tr("Method");
  }
}

ProblemList::ProblemList(Workbench& workbench, QWidget* parent)
    : Card(tr("The recipe cannot run yet"), parent), workbench_(workbench) {
  setObjectName("recipeProblems");
  body()->setContentsMargins(0, 0, 0, 6);
  rows_ = makeColumn(0);
  body()->addLayout(rows_);
}

void ProblemList::setProblems(const std::vector<Problem>& problems) {
  clearLayout(rows_);
  subtitle()->setText(problems.size() == 1 ? tr("1 problem") : tr("%1 problems").arg(problems.size()));
  for (const Problem& problem : problems) {
    const QString path = QString::fromStdString(problem.path);
    auto* row = new QWidget;
    row->setObjectName("problem." + path);
    row->setAccessibleName(path + ": " + QString::fromStdString(problem.message));
    auto* column = makeColumn(0, row);
    column->addWidget(makeLine());
    auto* layout = makeRow(10);
    layout->setContentsMargins(11, 6, 13, 6);
    layout->addWidget(new StateMark(StateKind::error));
    QLabel* where = makeText(path, TextStyle::mono, "");
    where->setFixedWidth(scaled(180));
    layout->addWidget(where);
    auto* words = makeColumn(2);
    words->addWidget(makeText(QString::fromStdString(problem.message), TextStyle::body, ""));
    if (!problem.hint.empty())
      words->addWidget(makeText(QString::fromStdString(problem.hint), TextStyle::small, "secondary"));
    layout->addLayout(words, 1);
    const Step page = pageOf(path);
    QPushButton* open = makeFixButton(tr("Open %1").arg(pageName(page)), "openPage." + path);
    connect(open, &QPushButton::clicked, this, [this, page] { workbench_.goTo(page); });
    layout->addWidget(open);
    column->addLayout(layout);
    rows_->addWidget(row);
  }
}

}  // namespace luthier
