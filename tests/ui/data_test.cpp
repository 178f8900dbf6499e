// Data: opening files, roles, filters, findings, split and limit, driven as a person would, against the real core.
#include <QAccessible>
#include <QClipboard>
#include <QComboBox>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QProgressBar>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStackedWidget>
#include <nlohmann/json.hpp>

#include "data/duck.h"
#include "pages/data/data_page.h"
#include "pages/data/data_table.h"
#include "pages/data/filter_bar.h"
#include "pages/data/findings_strip.h"
#include "pages/data/label_bars.h"
#include "pages/data/length_bars.h"
#include "pages/data/microscope.h"
#include "pages/data/split_control.h"
#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
/// Reviews with two repeated rows, one without text, one without label and a broken one.
QString reviews() {
  QString text = "id,review,stars\n";
  for (int i = 0; i < 300; ++i)
    text += QString("%1,\"%2 film, number %1 of many\",%3\n")
                .arg(i)
                .arg(i % 3 == 0 ? "a bad" : "a good", i % 3 == 0 ? "low" : "high");
  text += "300,\"a good film, number 1 of many\",high\n301,\"a bad film, number 3 of many\",low\n";
  text += "302,,high\n303,no label here,\nbroken,row,with,too,many,fields\n";
  return text;
}
}  // namespace

class DataTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture;
  std::unique_ptr<DataPage> page;
  DataTable* table = nullptr;
  QLineEdit* filter = nullptr;

  fs::path path(const QString& name) { return fixture->folder.filePath(name).toStdString(); }
  Document& document() { return fixture->document; }

  void show(int width = 912, int height = 868) {
    page = std::make_unique<DataPage>(fixture->workbench);
    table = child<DataTable>(*page, "dataTable");
    filter = child<QLineEdit>(*page, "dataFilterEdit");
    page->resize(width, height);
    page->setProperty("surface", "page");
    page->show();
    page->shown();
  }
  /// A project on this file, as the window makes one of a dropped file.
  void openProject(const fs::path& file, Json more = Json::object()) {
    Json recipe = {{"luthier", 1},
                   {"name", "test"},
                   {"objective", {{"kind", "classification"}}},
                   {"model", {{"path", ""}}},
                   {"data", {{"train", file.string()}}},
                   {"method", {{"kind", "full"}}}};
    recipe.merge_patch(more);
    document().create(path("project"), recipe);
  }
  bool isOpen() { return page->rows().isOpen() && table->isVisibleTo(page.get()); }
  bool hasProfile() {
    const DataProfile* data = fixture->facts.data();
    return data && data->marks && !fixture->facts.dataLoading() && page->rows().mark(0);
  }
  /// The roles as "role=column ...".
  QString roles() {
    QStringList list;
    for (const auto& [role, column] : document().lenient().data.roles)
      list << QString::fromStdString(role + "=" + column);
    list.sort();
    return list.join(' ');
  }
  QPoint cell(std::int64_t index, int column) {
    return {table->columnLeft(column) + 20,
            int((index - table->firstVisible()) * table->rowHeight() + table->rowHeight() / 2)};
  }
  /// Takes an entry of the menu that a click opened.
  bool choose(const char* menuName, const QString& action) {
    QMenu* menu = nullptr;
    for (QMenu* one : page->findChildren<QMenu*>(menuName))
      if (one->isVisible()) menu = one;
    if (!menu) return false;
    for (QAction* one : menu->actions())
      if (one->objectName() == action || one->text() == action) {
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(one).center());
        return true;
      }
    return false;
  }
  void clickHeader(int column) {
    auto* header = child<QWidget>(*page, "dataTableHeader");
    QTest::mouseClick(header, Qt::LeftButton, {}, {table->columnLeft(column) + 12, header->height() - 10});
  }
  void typeFilter(const QString& text) {
    filter->setFocus();
    filter->selectAll();
    QTest::keyClicks(filter, text);
    QTest::keyClick(filter, Qt::Key_Return);
  }

 private Q_SLOTS:
  void init() { fixture = std::make_unique<WindowFixture>(); }
  void cleanup() {
    page.reset();
    fixture.reset();
  }

  void anEmptyPageOffersAFile() {
    openProject({}, {{"data", {{"train", ""}}}});
    show();
    QVERIFY(child<QPushButton>(*page, "chooseDataButton")->isVisible());
    QVERIFY(!page->primaryButton()->isEnabled());
    QVERIFY(page->primaryButton()->toolTip().contains("choose a data file"));
    QCOMPARE(page->state(), StateKind::notStarted);
    grabBothThemes(*page, "data-empty");
    write_text(path("a.csv"), reviews().toStdString());
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(fixture->folder.filePath("a.csv"))});
    QDragEnterEvent enter(page->rect().center(), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(page.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(page->rect().center()), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(page.get(), &drop);
    QTRY_VERIFY(isOpen());
    QTRY_COMPARE(roles(), QString("label=stars text=review"));
    QCOMPARE(document().lenient().data.validation_share, 0.1);
  }

  void aNewFileIsUnderstood() {
    write_text(path("reviews.csv"), reviews().toStdString());
    openProject(path("reviews.csv"));
    show();
    QTRY_VERIFY(isOpen());
    QTRY_COMPARE(roles(), QString("label=stars text=review"));
    QTRY_VERIFY(hasProfile());
    QCOMPARE(page->rows().total(), 304);
    QTRY_VERIFY(!table->cellText(0, 1).isEmpty());
    QCOMPARE(table->cellText(0, 1), QString("a bad film, number 0 of many"));
    QVERIFY(page->primaryButton()->isEnabled());
    QCOMPARE(page->state(), StateKind::warning);
    QTest::mouseClick(page->primaryButton(), Qt::LeftButton);
    QCOMPARE(fixture->wentTo(), QString::number(int(Step::model)));
    // One step back, and the suggestion is gone.
    document().undoStack().undo();
    QCOMPARE(roles(), QString());
    QVERIFY(!page->primaryButton()->isEnabled());
    QVERIFY(child<QWidget>(*page, "dataProblem")->isVisible());
  }

  void otherTasksAreSuggested_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("task");
    QTest::newRow("instructions") << "a.jsonl"
                                  << "{\"instruction\": \"say a\", \"output\": \"a it is\"}\n{\"instruction\": \"say "
                                     "b\", \"output\": \"b it is\"}\n"
                                  << "causal_lm";
    QTest::newRow("tags") << "a.jsonl"
                          << "{\"tokens\": [\"Anna\", \"runs\"], \"tags\": [\"B-PER\", \"O\"]}\n{\"tokens\": "
                             "[\"Bob\"], \"tags\": [\"B-PER\"]}\n"
                          << "tagging";
    QTest::newRow("text") << "a.txt" << "one line of text\nanother line of text\n" << "masked_lm";
  }
  void otherTasksAreSuggested() {
    QFETCH(QString, name);
    QFETCH(QString, content);
    QFETCH(QString, task);
    write_text(path(name), content.toStdString());
    openProject(path(name));
    show();
    QTRY_COMPARE(QString::fromStdString(kind_of(document().lenient().objective)), task);
    QTRY_VERIFY(page->primaryButton()->isEnabled());
  }

  void rolesAreChosenInTheHeader() {
    write_text(path("a.csv"), reviews().toStdString());
    openProject(path("a.csv"), {{"data", {{"roles", {{"text", "review"}}}}}});
    show();
    QTRY_VERIFY(isOpen());
    QVERIFY(!page->primaryButton()->isEnabled());
    QVERIFY2(page->primaryButton()->toolTip().contains("Label"), qPrintable(page->primaryButton()->toolTip()));
    clickHeader(2);
    QVERIFY(choose("roleMenu", "role.label"));
    QCOMPARE(roles(), QString("label=stars text=review"));
    QTRY_VERIFY(page->primaryButton()->isEnabled());  // the rows are read again
    // The same role on another column moves it there.
    clickHeader(0);
    QVERIFY(choose("roleMenu", "role.label"));
    QCOMPARE(roles(), QString("label=id text=review"));
    clickHeader(0);
    QVERIFY(choose("roleMenu", "role.ignore"));
    QCOMPARE(roles(), QString("text=review"));
    // And by keyboard.
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Right);
    QTest::keyClick(table, Qt::Key_Right);
    QTest::keyClick(table, Qt::Key_Down, Qt::AltModifier);
    QVERIFY(choose("roleMenu", "role.label"));
    QCOMPARE(roles(), QString("label=stars text=review"));
  }

  void keysMoveThroughTheRows() {
    write_text(path("a.csv"), reviews().toStdString());
    openProject(path("a.csv"));
    show();
    QTRY_VERIFY(isOpen());
    table->setFocus();
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, cell(2, 1));
    QCOMPARE(table->currentRow(), 2);
    QTest::keyClick(table, Qt::Key_J);
    QTest::keyClick(table, Qt::Key_Down);
    QCOMPARE(table->currentRow(), 4);
    QTest::keyClick(table, Qt::Key_K);
    QCOMPARE(table->currentRow(), 3);
    QTest::keyClick(table, Qt::Key_End);
    QCOMPARE(table->currentRow(), 303);
    QTRY_COMPARE(table->cellText(303, 1), QString("no label here"));
    QVERIFY(table->firstVisible() > 250);
    QTest::keyClick(table, Qt::Key_PageUp);
    QCOMPARE(table->currentRow(), 303 - (table->visibleRows() - 1));
    QTest::keyClick(table, Qt::Key_Home);
    QCOMPARE(table->currentRow(), 0);
    QCOMPARE(table->firstVisible(), 0);
    QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
    QTRY_COMPARE(QGuiApplication::clipboard()->text(), QString("a bad film, number 0 of many"));
    // What a screen reader says.
    QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(table);
    QCOMPARE(spoken->role(), QAccessible::Table);
    QVERIFY(spoken->text(QAccessible::Value).startsWith("Row 1, id: 0, review: a bad film, number 0 of many"));
    QVERIFY(spoken->text(QAccessible::Description).startsWith("304 rows"));
    for (const QWidget* widget : page->findChildren<QWidget*>())
      if (widget->focusPolicy() != Qt::NoFocus && widget->isVisible() && !widget->inherits("QScrollBar"))
        QVERIFY2(!widget->accessibleName().isEmpty() || !widget->windowTitle().isEmpty(),
                 qPrintable(widget->metaObject()->className() + (" " + widget->objectName())));
  }

  void wordsAndConditionsFilter() {
    write_text(path("a.csv"), reviews().toStdString());
    openProject(path("a.csv"));
    show();
    QTRY_VERIFY(isOpen());
    QTRY_VERIFY(hasProfile());
    typeFilter("Number 29");
    QTRY_COMPARE(page->rows().count(), 11);
    QTRY_COMPARE(table->cellText(1, 1), QString("a bad film, number 290 of many").replace("bad", "good"));
    QCOMPARE(child<QLabel>(*page, "dataFilterCount")->text(), QString("11 of 304"));
    typeFilter("where id < 10 and stars = 'low'");
    QTRY_COMPARE(page->rows().count(), 4);
    // A wrong one is told, and the last one stays.
    typeFilter("where id < 10 and sters = 'low'");
    auto* problem = child<QLabel>(*page, "dataFilterProblem");
    QTRY_VERIFY(problem->isVisible());
    QVERIFY2(problem->text().startsWith("At character 19:"), qPrintable(problem->text()));
    QVERIFY(filter->property("invalid").toBool());
    QCOMPARE(page->rows().count(), 4);
    grabTo(*page, "data-filter-wrong");
    QTest::keyClick(filter, Qt::Key_Escape);
    QTRY_COMPARE(page->rows().count(), 304);
    QVERIFY(!problem->isVisible());
    QTest::mouseClick(child<QPushButton>(*page, "dataFlaggedButton"), Qt::LeftButton);
    QTRY_COMPARE(page->rows().count(), 4);
    typeFilter("where duplicate");
    QTRY_COMPARE(page->rows().count(), 2);
    QCOMPARE(page->rows().numberAt(0), 300);
  }

  void aClickOnALabelShowsItsRows() {
    write_text(path("a.csv"), reviews().toStdString());
    openProject(path("a.csv"));
    show();
    QTRY_VERIFY(isOpen());
    QTRY_VERIFY(hasProfile());
    auto* labels = child<LabelBars>(*page, "labelHistogram");
    QTRY_VERIFY(labels->isVisible());
    QTest::mouseClick(labels, Qt::LeftButton, {}, labels->barRect(1).center());
    QTRY_COMPARE(page->rows().count(), 101);
    QCOMPARE(filter->text(), QString("where stars::varchar = 'low'"));
    QTest::mouseClick(labels, Qt::LeftButton, {}, labels->barRect(1).center());
    QTRY_COMPARE(page->rows().count(), 304);
  }

  void findingsAreShownAndPutRight() {
    LUTHIER_NEEDS(model, "weights/tokenizers/bert-base-uncased");
    write_text(path("a.csv"), reviews().toStdString());
    openProject(path("a.csv"), {{"data", {{"max_tokens", 8}}}, {"model", {{"path", model.string()}}}});
    show();
    QTRY_VERIFY(isOpen());
    QTRY_VERIFY_WITH_TIMEOUT(hasProfile() && fixture->facts.data()->lengths.longest > 0, 20000);
    page->resize(1400, 868);
    QTRY_VERIFY(child<QPushButton>(*page, "show.duplicate_rows"));
    QTest::mouseClick(child<QPushButton>(*page, "show.duplicate_rows"), Qt::LeftButton);
    QTRY_COMPARE(page->rows().count(), 2);
    // [CLS] a bad film , number 300 of many [SEP]: 10 tokens in nearly all rows.
    auto* fix = child<QPushButton>(*page, "fix.truncated_rows");
    QVERIFY(fix);
    QVERIFY(fix->toolTip().contains("10 tokens"));
    QTest::mouseClick(fix, Qt::LeftButton);
    QCOMPARE(document().lenient().data.max_tokens, 10);
    QTRY_VERIFY_WITH_TIMEOUT(!fixture->facts.dataLoading() && fixture->facts.data()->lengths.longer_than_limit == 0,
                             20000);
    QTRY_VERIFY(!page->findChild<QPushButton*>("fix.truncated_rows"));
    // Broken rows are not among the rows: their lines are told.
    auto* broken = child<QPushButton>(*page, "show.broken_rows");
    QVERIFY(broken);
    QTest::mouseClick(broken, Qt::LeftButton);
    auto* details = child<QFrame>(*page, "findingDetails");
    QVERIFY(details && details->isVisible());
    QCOMPARE(child<QLabel>(*details, "findingLines")->text(), QString("306"));
    grabTo(*details, "data-finding-details");
    details->close();
  }

  void theLimitIsDragged() {
    LUTHIER_NEEDS(model, "weights/tokenizers/bert-base-uncased");
    LUTHIER_NEEDS(sst2, "data/sst2");
    openProject(sst2 / "train.tsv", {{"data", {{"max_tokens", 32}}}, {"model", {{"path", model.string()}}}});
    show();
    QTRY_VERIFY(isOpen());
    auto* lengths = child<LengthBars>(*page, "lengthHistogram");
    QTRY_VERIFY_WITH_TIMEOUT(lengths->isVisible() && !fixture->facts.dataLoading(), 30000);
    QCOMPARE(lengths->limit(), 32);
    const auto longer = fixture->facts.data()->lengths.longer_than_limit;
    QCOMPARE(lengths->longerThan(32), longer);
    const QPoint at(lengths->limitX(), lengths->height() / 2);
    QTest::mousePress(lengths, Qt::LeftButton, {}, at);
    QTest::mouseMove(lengths, at + QPoint(30, 0));
    QTest::mouseRelease(lengths, Qt::LeftButton, {}, at + QPoint(30, 0));
    const auto dragged = document().lenient().data.max_tokens;
    QVERIFY2(dragged > 36 && dragged < 60, std::to_string(dragged).c_str());
    lengths->setFocus();
    QTest::keyClick(lengths, Qt::Key_Left);
    QCOMPARE(document().lenient().data.max_tokens, dragged - 1);
  }

  void theSplitIsDraggedOrComesFromAColumn() {
    QString text = "text,label,part\n";
    for (int i = 0; i < 200; ++i)
      text += QString("row number %1,%2,%3\n").arg(i).arg(i % 2).arg(i % 10 == 0 ? "dev" : "train");
    write_text(path("a.csv"), text.toStdString());
    openProject(path("a.csv"));
    show();
    QTRY_VERIFY(isOpen());
    QTRY_VERIFY(hasProfile());
    auto* control = child<SplitControl>(*page, "splitControl");
    SplitBar* bar = control->bar();
    QTRY_COMPARE(std::round(bar->validation() * 100), 10.0);  // proposed once the rows are open
    const QPoint at(bar->handleX(0), bar->height() / 2);
    QTest::mousePress(bar, Qt::LeftButton, {}, at);
    QTest::mouseMove(bar, at - QPoint(bar->width() / 10, 0));
    QTest::mouseRelease(bar, Qt::LeftButton, {}, at - QPoint(bar->width() / 10, 0));
    QVERIFY(std::abs(document().lenient().data.validation_share - 0.2) < 0.011);
    bar->setFocus();
    QTest::keyClick(bar, Qt::Key_Right);
    QVERIFY(std::abs(document().lenient().data.validation_share - 0.19) < 0.011);
    QCOMPARE(document().lenient().data.test_share, 0.1);
    Q_EMIT control->columnChosen("part");
    QVERIFY(roles().contains("split=part"));
    QTRY_VERIFY(fixture->facts.data() && !fixture->facts.dataLoading() && fixture->facts.data()->validation_rows == 20);
    QTRY_COMPARE(std::round(bar->validation() * 100), 10.0);
    Q_EMIT control->columnChosen("");
    QVERIFY(!roles().contains("split"));
  }

  void theMicroscopeFollowsTheRow() {
    LUTHIER_NEEDS(model, "weights/tokenizers/bert-base-uncased");
    write_text(path("a.csv"), reviews().toStdString());
    openProject(path("a.csv"), {{"model", {{"path", model.string()}}}});
    show();
    QTRY_VERIFY(isOpen());
    QTRY_VERIFY(hasProfile());
    auto* microscope = child<Microscope>(*page, "microscope");
    QVERIFY(!microscope->isVisible());
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Home);
    QTest::keyClick(table, Qt::Key_Return);
    QVERIFY(microscope->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(microscope->shown() && microscope->shown()->number == 1, 20000);
    QTest::keyClick(table, Qt::Key_J);
    QTRY_VERIFY(microscope->shown() && microscope->shown()->number == 2);
    grabBothThemes(*page, "data-microscope");
    QTest::mouseClick(child<QPushButton>(*page, "microscopePrev"), Qt::LeftButton);
    QTRY_VERIFY(microscope->shown() && microscope->shown()->number == 1);
    QTest::mouseClick(child<QPushButton>(*page, "microscopeClose"), Qt::LeftButton);
    QVERIFY(!microscope->isVisible());
  }

  void aFileThatCannotBeReadIsACard() {
    write_text(path("a.csv"), std::string("PK\x03\x04 and so on\0\0", 18));
    openProject(path("a.csv"));
    show();
    QTRY_VERIFY(child<QWidget>(*page, "dataError")->isVisible());
    QVERIFY(!page->primaryButton()->isEnabled());
    QTRY_COMPARE(page->state(), StateKind::error);
    grabBothThemes(*page, "data-error");
    // It is put right outside, and tried again.
    write_text(path("a.csv"), reviews().toStdString());
    QTest::mouseClick(child<QPushButton>(*page, "tryDataAgainButton"), Qt::LeftButton);
    QTRY_VERIFY(isOpen());
  }

  void readingIsOverruled() {
    write_text(path("a.csv"), "a,b;c\n1,2;3\n4,5;6\n7,8;9\n");
    openProject(path("a.csv"), {{"data", {{"roles", Json::object()}}}});
    show();
    QTRY_VERIFY(isOpen());
    QTest::mouseClick(child<QPushButton>(*page, "dataReadingButton"), Qt::LeftButton);
    auto* options = child<QFrame>(*page, "readingOptions");
    QVERIFY(options && options->isVisible());
    grabTo(*options, "data-reading");
    auto* delimiter = child<QComboBox>(*options, "option.delimiter");
    const bool comma = page->rows().detected().delimiter == ",";
    delimiter->setCurrentIndex(delimiter->findData(comma ? ";" : ","));
    Q_EMIT delimiter->activated(delimiter->currentIndex());
    QTRY_VERIFY(isOpen() && page->rows().detected().delimiter == (comma ? ";" : ","));
    QCOMPARE(QString::fromStdString(document().lenient().data.delimiter), QString(comma ? ";" : ","));
    QCOMPARE(table->columns()[0].title, QString(comma ? "a,b" : "a"));
  }

  void anotherFileTakesItsPlace() {
    write_text(path("a.csv"), reviews().toStdString());
    write_text(path("b.csv"), "sentence,kind\nso it is,x\nso it is not,y\nmaybe it is,x\nwho knows it,y\n");
    openProject(path("a.csv"));
    show();
    QTRY_COMPARE(roles(), QString("label=stars text=review"));
    QTest::mouseClick(child<QPushButton>(*page, "replaceFileButton"), Qt::LeftButton);
    auto* dialog = child<QFileDialog>(*page, "chooseDialog");
    QVERIFY(dialog);
    Q_EMIT dialog->fileSelected(fixture->folder.filePath("b.csv"));
    dialog->close();
    QTRY_COMPARE(roles(), QString("label=kind text=sentence"));
    QTRY_COMPARE(page->rows().total(), 4);
  }

  void looksAsDesigned() {
    LUTHIER_NEEDS(model, "weights/tokenizers/bert-base-uncased");
    LUTHIER_NEEDS(sst2, "data/sst2");
    openProject(sst2 / "train.tsv", {{"data",
                                      {{"max_tokens", 48},
                                       {"roles", {{"text", "column0"}, {"label", "column1"}}},
                                       {"labels", {"negative", "positive"}},
                                       {"validation_share", 0.08},
                                       {"test_share", 0.04}}},
                                     {"model", {{"path", model.string()}}}});
    show();
    QTRY_VERIFY(isOpen());
    QTRY_VERIFY_WITH_TIMEOUT(hasProfile() && fixture->facts.data()->lengths.longest > 0, 30000);
    table->setFocus();
    table->setCurrentRow(1040);
    QTRY_VERIFY(!table->cellText(1040, 0).isEmpty());
    grabBothThemes(*page, "data-filled");
    QTest::keyClick(table, Qt::Key_Return);
    auto* microscope = child<Microscope>(*page, "microscope");
    QTRY_VERIFY_WITH_TIMEOUT(microscope->shown(), 20000);
    grabBothThemes(*page, "data-filled-microscope");
    page->resize(932, 638);
    grabBothThemes(*page, "data-small");
  }
};

LUTHIER_WINDOW_TEST_MAIN(DataTest)
#include "data_test.moc"
