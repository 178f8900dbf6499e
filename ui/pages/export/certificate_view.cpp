#include "pages/export/certificate_view.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QUrl>
#include <algorithm>

#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kMeasureWidth = 190, kColumnWidth = 96;

/// All labels as wide as the widest text is in the theme's font; labels keep the size hints of an earlier one.
void alignColumn(const QList<QLabel*>& column, TextStyle style) {
  const QFontMetrics metrics(luthier::font(style));
  int width = scaled(kColumnWidth);
  for (const QLabel* label : column) width = std::max(width, metrics.horizontalAdvance(label->text()) + 2);
  for (QLabel* label : column) label->setFixedWidth(width);
}

QHBoxLayout* tableLine(QWidget* owner) {
  auto* line = makeRow(12, owner);
  line->setContentsMargins(13, 6, 13, 6);
  return line;
}
}  // namespace

void openInFileManager(const QString& path) {
  const QFileInfo info(path);
  QDesktopServices::openUrl(QUrl::fromLocalFile(info.isDir() ? path : info.absolutePath()));
}

CertificateView::CertificateView(QWidget* page) : Overlay(tr("Export certificate"), "certificateView", page) {
  auto* top = makeRow(12);
  mark_ = new StateMark;
  mark_->setFixedSize(24, 24);
  auto* words = makeColumn(2);
  title_ = makeLabel({}, TextStyle::heading);
  title_->setObjectName("certificateTitle");
  summary_ = makeText({}, TextStyle::body, "secondary");
  words->addWidget(title_);
  words->addWidget(summary_);
  top->addWidget(mark_, 0, Qt::AlignTop);
  top->addLayout(words, 1);
  QPushButton* folder = makeSmallButton(tr("Open folder"), "certificateFolderButton");
  folder->setIcon(icon("folder"));
  connect(folder, &QPushButton::clicked, this, [this] { openInFileManager(artefact_.path); });
  top->addWidget(folder, 0, Qt::AlignTop);
  body()->addLayout(top);

  auto* file = new Card;
  auto* line = makeRow(12);
  file_ = new ElidedLabel({}, Qt::ElideMiddle);
  file_->setFont(luthier::font(TextStyle::mono));
  connect(&theme(), &Theme::changed, file_, [this] { file_->setFont(luthier::font(TextStyle::mono)); });
  size_ = makeLabel({}, TextStyle::small, "secondary");
  QPushButton* path = makeSmallButton(tr("Copy path"), "certificatePathButton", "link");
  connect(path, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(artefact_.path); });
  line->addWidget(file_, 1);
  line->addWidget(size_);
  line->addWidget(path);
  file->body()->setContentsMargins(13, 5, 9, 5);
  file->body()->addLayout(line);
  body()->addWidget(file);
  problem_ = makeText({}, TextStyle::body, "error");
  problem_->setObjectName("certificateProblem");
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  body()->addWidget(problem_);

  auto* table = new Card;
  table->body()->setContentsMargins(0, 0, 0, 0);
  table->body()->setSpacing(0);
  rows_ = table->body();
  table_ = table;
  body()->addWidget(table);
  saved_ = makeLabel(tr("The certificate lies beside the file as proof.json."), TextStyle::small, "secondary");
  body()->addWidget(saved_);
  body()->addStretch(1);

  copy_ = makeButton(tr("Copy as text"), "certificateCopyButton", "quiet");
  check_ = makeButton(tr("Check again"), "certificateCheckButton", "quiet");
  again_ = makeButton(tr("Export again"), "certificateExportAgainButton");
  done_ = makeButton(tr("Done"), "certificateDoneButton", "primary");
  footer()->addWidget(copy_);
  footer()->addWidget(check_);
  footer()->addStretch(1);
  footer()->addWidget(again_);
  footer()->addWidget(done_);
  connect(copy_, &QPushButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(certificateText(certificate_, artefact_.path)); });
  connect(check_, &QPushButton::clicked, this, [this] { Q_EMIT checkAgain(artefact_.path); });
  connect(again_, &QPushButton::clicked, this, [this] { Q_EMIT exportAgain(artefact_.kind); });
  connect(done_, &QPushButton::clicked, this, &Overlay::close);
  // After the labels have their new fonts.
  connect(
      &theme(), &Theme::changed, this,
      [this] {
        sizeColumns();
        place();
      },
      Qt::QueuedConnection);
}

void CertificateView::setArtefact(const Artefact& artefact, const QString& run) {
  artefact_ = artefact;
  certificate_ = certificateFrom(artefact.proof);
  setHeading(tr("Export certificate"), tr("%1, %2").arg(run, formatLabel(artefact.kind)));
  mark_->setState(!certificate_.checked ? StateKind::note : certificate_.passed ? StateKind::done : StateKind::error);
  title_->setText(certificate_.title);
  summary_->setText(certificate_.summary);
  file_->setFullText(artefact.path);
  size_->setText(artefact.bytes > 0 ? bytesText(artefact.bytes) : QString());
  problem_->setText(artefact.there ? certificate_.problem : tr("The folder is no longer there."));
  problem_->setVisible(!problem_->text().isEmpty());
  clearLayout(rows_);
  for (QList<QLabel*>* column : {&measures_, &results_, &limits_}) column->clear();
  auto* head = new QWidget;
  QHBoxLayout* line = tableLine(head);
  line->addSpacing(16 + 12);
  const auto addHead = [&](const QString& text, Qt::Alignment side, QList<QLabel*>* column) {
    QLabel* label = makeLabel(text, TextStyle::caption, "secondary");
    label->setAlignment(side | Qt::AlignVCenter);
    line->addWidget(label, column ? 0 : 1);
    if (column) *column << label;
  };
  addHead(tr("Measure"), Qt::AlignLeft, &measures_);
  addHead(tr("Result"), Qt::AlignRight, &results_);
  addHead(tr("Limit"), Qt::AlignLeft, &limits_);
  addHead(tr("What it means"), Qt::AlignLeft, nullptr);
  rows_->addWidget(head);
  for (const CertificateRow& row : certificate_.rows) addRow(row);
  sizeColumns();
  table_->setVisible(!certificate_.rows.empty());
  saved_->setVisible(certificate_.checked && artefact.there);
  again_->setVisible(certificate_.checked && !certificate_.passed);
  setChecking(false);
  place();
}

void CertificateView::sizeColumns() {
  alignColumn(results_, TextStyle::mono);
  alignColumn(limits_, TextStyle::monoCaption);
  for (QLabel* label : measures_) label->setFixedWidth(scaled(kMeasureWidth));
}

void CertificateView::addRow(const CertificateRow& row) {
  rows_->addWidget(makeLine());
  auto* widget = new QWidget;
  widget->setObjectName("proof." + row.id);
  widget->setAccessibleName(row.measure + ": " + row.result + ", " + stateName(row.state));
  widget->setAccessibleDescription(row.limit + " " + row.meaning);
  QHBoxLayout* line = tableLine(widget);
  line->addWidget(new StateMark(row.state));
  QLabel* measure = makeText(row.measure, TextStyle::body, "");
  QLabel* result = makeLabel(row.result, TextStyle::mono);
  result->setObjectName("proofResult");
  result->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  QLabel* limit = makeLabel(row.limit, TextStyle::monoCaption, "tertiary");
  for (QLabel* label : {measure, result, limit}) line->addWidget(label);
  measures_ << measure;
  results_ << result;
  limits_ << limit;
  line->addWidget(makeText(row.meaning, TextStyle::small, "secondary"), 1);
  rows_->addWidget(widget);
}

void CertificateView::setChecking(bool checking) {
  check_->setText(checking ? tr("Checking") : tr("Check again"));
  setEnabledBecause(check_, !checking && artefact_.there,
                    checking ? tr("It is being checked.") : tr("The folder is no longer there."));
}

}  // namespace luthier
