#include "pages/data/finding_details.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include "widgets/format.h"
#include "widgets/states.h"

namespace luthier {

namespace {
/// Findings of the file name lines of its text; those of rows name rows.
bool namesLines(const std::string& id) {
  for (const char* of :
       {"broken_rows", "mixed_encoding", "nul_bytes", "cut_fields", "unknown_keys", "not_rows", "truncated_file"})
    if (id == of) return true;
  return false;
}

QString numbersText(const Finding& finding) {
  QStringList numbers;
  for (const auto line : finding.lines) numbers << countText(line);
  QString text = numbers.join(" · ");
  if (finding.count > std::int64_t(finding.lines.size()))
    text += " " + FindingDetails::tr("and %1 more").arg(countText(finding.count - std::int64_t(finding.lines.size())));
  return text;
}
}  // namespace

FindingDetails::FindingDetails(const Finding& finding, const FindingAction& action, QWidget* parent)
    : QFrame(parent, Qt::Popup) {
  setObjectName("findingDetails");
  setAttribute(Qt::WA_DeleteOnClose);
  setProperty("card", "true");
  setFixedWidth(scaled(360));
  setAccessibleName(action.caption);
  auto* column = makeColumn(8, this);
  column->setContentsMargins(14, 12, 14, 12);
  auto* head = makeRow(8);
  head->addWidget(new StateMark(finding.severity == "error"     ? StateKind::error
                                : finding.severity == "warning" ? StateKind::warning
                                                                : StateKind::note),
                  0, Qt::AlignTop);
  head->addWidget(makeText(QString::fromStdString(finding.message), TextStyle::body, ""), 1);
  column->addLayout(head);
  if (!finding.hint.empty()) column->addWidget(makeText(QString::fromStdString(finding.hint), TextStyle::small));
  if (!finding.lines.empty()) {
    column->addWidget(
        makeLabel(namesLines(finding.id) ? tr("Lines of the file") : tr("Rows"), TextStyle::caption, "tertiary"));
    QLabel* numbers = makeText(numbersText(finding), TextStyle::mono, "secondary");
    numbers->setObjectName("findingLines");
    numbers->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    column->addWidget(numbers);
  }
  auto* buttons = makeRow(8);
  buttons->setContentsMargins(0, 4, 0, 0);
  if (!action.assignments.isEmpty()) {
    QPushButton* fix = makeSmallButton(action.fixText, "detailsFixButton", "primary");
    fix->setText(tr("Fix"));
    fix->setToolTip(action.fixText);
    connect(fix, &QPushButton::clicked, this, [this, action] {
      Q_EMIT fixWanted(action.assignments, action.fixText);
      close();
    });
    buttons->addWidget(fix);
  }
  if (!action.filter.isEmpty()) {
    QPushButton* show = makeSmallButton(tr("Show the rows"), "detailsShowButton");
    connect(show, &QPushButton::clicked, this, [this, action] {
      Q_EMIT showWanted(action.filter);
      close();
    });
    buttons->addWidget(show);
  }
  QPushButton* copy = makeSmallButton(tr("Copy"), "detailsCopyButton", "quiet");
  connect(copy, &QPushButton::clicked, this, [this, finding] {
    QString text = QString::fromStdString(finding.message);
    if (!finding.lines.empty()) text += "\n" + numbersText(finding);
    QGuiApplication::clipboard()->setText(text);
    close();
  });
  buttons->addWidget(copy);
  buttons->addStretch(1);
  column->addLayout(buttons);
}

void FindingDetails::openAt(const QPoint& global) {
  // Wrapped texts ask for their height at the width that they have.
  resize(width(), layout()->heightForWidth(width()));
  QPoint at = global;
  if (const QWidget* window = parentWidget() ? parentWidget()->window() : nullptr) {
    const QRect room(window->mapToGlobal(QPoint(8, 8)), window->size() - QSize(16, 16));
    at.setX(std::clamp(at.x(), room.left(), std::max(room.left(), room.right() - width())));
    at.setY(std::clamp(at.y(), room.top(), std::max(room.top(), room.bottom() - height())));
  }
  move(at);
  show();
}

}  // namespace luthier
