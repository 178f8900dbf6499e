#include "pages/data/reading_options.h"

#include <QComboBox>
#include <QGridLayout>
#include <QVBoxLayout>

#include "forms/option_editor.h"
#include "widgets/basics.h"

namespace luthier {

namespace {
QString delimiterName(const QString& delimiter) {
  if (delimiter == ",") return ReadingOptions::tr("Comma");
  if (delimiter == ";") return ReadingOptions::tr("Semicolon");
  if (delimiter == "\t") return ReadingOptions::tr("Tab");
  if (delimiter == "|") return ReadingOptions::tr("Vertical bar");
  return delimiter;
}

QString yesNo(const QString& value) {
  return value == "yes" ? ReadingOptions::tr("Yes") : value == "no" ? ReadingOptions::tr("No") : value;
}
}  // namespace

ReadingOptions::ReadingOptions(const DataOptions& data, const ReadOptions& detected, QWidget* parent)
    : QFrame(parent, Qt::Popup) {
  setObjectName("readingOptions");
  setAttribute(Qt::WA_DeleteOnClose);
  setProperty("card", "true");
  setAccessibleName(tr("How the file is read"));
  auto* column = makeColumn(8, this);
  column->setContentsMargins(14, 12, 14, 14);
  column->addWidget(makeLabel(tr("How the file is read"), TextStyle::label));
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(6);
  addChoice(grid, "format", tr("Format"), {"csv", "tsv", "json", "jsonl", "parquet", "text", "conll"},
            {"CSV", "TSV", "JSON", tr("JSON lines"), "Parquet", tr("Plain text"), "CoNLL"}, data.format,
            QString::fromStdString(detected.format).toUpper());
  QComboBox* encoding = addChoice(grid, "encoding", tr("Encoding"), {"utf-8", "utf-16le", "utf-16be", "latin-1"},
                                  {"UTF-8", "UTF-16 LE", "UTF-16 BE", tr("Latin-1 (Windows-1252)")}, data.encoding,
                                  QString::fromStdString(detected.encoding).toUpper());
  const bool delimited = detected.format == "csv" || detected.format == "tsv";
  QComboBox* delimiter = addChoice(grid, "delimiter", tr("Delimiter"), {",", ";", "\t", "|"},
                                   {delimiterName(","), delimiterName(";"), delimiterName("\t"), delimiterName("|")},
                                   data.delimiter, delimiterName(QString::fromStdString(detected.delimiter)));
  QComboBox* quote = addChoice(grid, "quote", tr("Quote"), {"\"", "'", "none"}, {"\"", "'", tr("None")}, data.quote,
                               QString::fromStdString(detected.quote));
  QComboBox* header = addChoice(grid, "header", tr("First line names the columns"), {"yes", "no"},
                                {tr("Yes"), tr("No")}, data.header, yesNo(QString::fromStdString(detected.header)));
  setEnabledBecause(encoding, detected.format != "parquet", tr("A Parquet file says itself how its texts are written"));
  for (QComboBox* box : {delimiter, quote, header}) setEnabledBecause(box, delimited, tr("Only for CSV and TSV"));
  column->addLayout(grid);
}

QComboBox* ReadingOptions::addChoice(QGridLayout* grid, const QString& key, const QString& label,
                                     const QStringList& values, const QStringList& labels, const std::string& value,
                                     const QString& detected) {
  auto* box = new QComboBox;
  box->setObjectName("option." + key);
  box->setAccessibleName(label);
  guardWheel(box);
  box->addItem(detected.isEmpty() || detected == "AUTO" ? tr("Detect") : tr("Detect (%1)").arg(detected), "auto");
  for (qsizetype i = 0; i < values.size(); ++i) box->addItem(labels[i], values[i]);
  const QString chosenValue = QString::fromStdString(value);
  int index = box->findData(chosenValue);
  if (index < 0) {
    box->addItem(chosenValue, chosenValue);
    index = box->count() - 1;
  }
  box->setCurrentIndex(index);
  box->setMinimumWidth(scaled(180));
  const int row = grid->rowCount();
  QLabel* name = makeLabel(label, TextStyle::body, "secondary");
  name->setBuddy(box);
  grid->addWidget(name, row, 0);
  grid->addWidget(box, row, 1);
  connect(box, &QComboBox::activated, this,
          [this, box, key, label] { Q_EMIT chosen("data." + key, box->currentData().toString(), label); });
  return box;
}

void ReadingOptions::openBelow(const QWidget& button) {
  adjustSize();
  move(button.mapToGlobal(QPoint(button.width() - width(), button.height() + 4)));
  show();
}

}  // namespace luthier
