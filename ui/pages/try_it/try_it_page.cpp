#include "pages/try_it/try_it_page.h"

#include <QStackedWidget>

#include "pages/try_it/classify_view.h"
#include "pages/try_it/complete_view.h"

namespace luthier {

TryItPage::TryItPage(Workbench& workbench, QWidget* parent) : Page(workbench, tr("Try it"), "page.try", parent) {
  open_ = makeButton(tr("Open again"), "reopenModelButton");
  connect(open_, &QPushButton::clicked, this, [this] {
    server_.stop();
    shown();
  });
  addHeaderButton(open_);
  stack_ = new QStackedWidget;
  content()->addWidget(stack_, 1);
  empty_ = new EmptyState("try", tr("Nothing to try yet"),
                          tr("When a run has a result, its model answers here, beside the model as it was before."));
  connect(empty_->addAction(tr("Go to Preflight"), "tryPreflightButton"), &QPushButton::clicked, this,
          [this] { this->workbench().goTo(Step::preflight); });
  stack_->addWidget(empty_);
  loading_ = new QWidget;
  auto* column = makeColumn(10, loading_);
  column->addStretch(1);
  column->addWidget(new StateMark(StateKind::running), 0, Qt::AlignHCenter);
  loadingText_ = makeLabel(tr("Opening the model"), TextStyle::body, "secondary");
  column->addWidget(loadingText_, 0, Qt::AlignHCenter);
  column->addStretch(1);
  stack_->addWidget(loading_);
  errorPlace_ = new QWidget;
  auto* errorColumn = makeColumn(0, errorPlace_);
  error_ = new ErrorCard;
  connect(error_->addFix(tr("Open again"), "tryAgainButton"), &QPushButton::clicked, open_, &QPushButton::click);
  errorColumn->addWidget(error_);
  errorColumn->addStretch(1);
  stack_->addWidget(errorPlace_);
  classify_ = new ClassifyView(workbench, server_);
  stack_->addWidget(classify_);
  complete_ = new CompleteView(workbench, server_);
  stack_->addWidget(complete_);
  other_ = new EmptyState("try", tr("No try-out for this kind of model"),
                          tr("Models that classify or continue texts can be tried here. luthier-cli predict answers "
                             "for the others."));
  stack_->addWidget(other_);
  connect(&server_, &ModelServer::stateChanged, this, &TryItPage::serverChanged);
  connect(&workbench.document, &Document::projectChanged, this, [this] { server_.stop(); });
}

QPushButton* TryItPage::primaryButton() const {
  return stack_->currentWidget() == complete_ ? complete_->sendButton() : open_;
}

StateKind TryItPage::state() const {
  return server_.state() == ModelServer::State::ready ? StateKind::serving : StateKind::notStarted;
}

void TryItPage::shown() {
  const QString id = workbench().shownRun();
  const RunRow* run = workbench().runs.find(id);
  const bool result = run && (run->status == RunStatus::success || run->status == RunStatus::stopped ||
                              run->status == RunStatus::paused || run->status == RunStatus::interrupted);
  open_->setVisible(result);
  if (!result) {
    setSubtitle({});
    if (run)
      empty_->setText(tr("The run has no result yet"),
                      tr("As soon as it has ended or is paused, its model answers here."));
    stack_->setCurrentWidget(empty_);
    return;
  }
  setSubtitle(QString::fromStdString(run->name) + " · " + id);
  // The server answers for texts.
  const bool text = modality_of(workbench().document.lenient().data) == "text";
  open_->setVisible(text);
  if (!text) return stack_->setCurrentWidget(other_);
  if (server_.run() != id) {
    loadingText_->setText(tr("Opening the model of %1").arg(QString::fromStdString(run->name)));
    server_.serve(id);
  }
  serverChanged();
}

void TryItPage::serverChanged() {
  switch (server_.state()) {
    case ModelServer::State::off:
      break;
    case ModelServer::State::starting:
      stack_->setCurrentWidget(loading_);
      break;
    case ModelServer::State::failed:
      error_->setError(*server_.error());
      stack_->setCurrentWidget(errorPlace_);
      break;
    case ModelServer::State::ready: {
      const Recipe& recipe = workbench().document.lenient();
      const QString base = QString::fromStdString(std::filesystem::path(recipe.model.path).filename().string());
      const QString tuned = tr("run %1").arg(server_.run().right(4));
      if (server_.kind() == "classification") {
        if (stack_->currentWidget() != classify_) {
          stack_->setCurrentWidget(classify_);
          classify_->begin(base, tuned);
        }
      } else if (server_.kind() == "causal_lm") {
        if (stack_->currentWidget() != complete_) {
          stack_->setCurrentWidget(complete_);
          complete_->begin(base, tuned);
        }
      } else {
        stack_->setCurrentWidget(other_);
      }
      break;
    }
  }
  Q_EMIT stateChanged();
}

}  // namespace luthier
