// The Settings page: every option of the program, kept on disk; keys, machine, versions.
#include <QLineEdit>
#include <QPushButton>

#include "forms/option_form.h"
#include "pages/settings/settings_page.h"
#include "support/testing.h"
#include "support/window.h"
#include "widgets/controls.h"

using namespace luthier;
using luthier::testing::child;
using luthier::testing::grabBothThemes;
using luthier::testing::WindowFixture;

class SettingsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyOptionHasARow() {
    WindowFixture fixture;
    SettingsPage page(fixture.workbench);
    page.resize(1180, 868);
    page.show();
    page.shown();
    auto* form = child<OptionForm>(page, "optionForm");
    const std::vector<OptionSpec> specs = option_specs<SettingsOptions>();
    QCOMPARE(form->optionCount(), int(specs.size()));
    for (const OptionSpec& spec : specs)
      QVERIFY2(form->editor(QString::fromStdString(spec.info.key)), spec.info.key.c_str());
    QVERIFY(child<QLabel>(page, "machineText")->text().contains("cores"));
    QVERIFY(child<QLabel>(page, "versionsText")->text().contains(qVersion()));
    grabBothThemes(page, "settings");
  }

  void aChangeHoldsAtOnceAndAfterOpeningAgain() {
    WindowFixture fixture;
    SettingsPage page(fixture.workbench);
    page.show();
    int changes = 0;
    connect(&fixture.settings, &Settings::changed, this, [&] { ++changes; });
    auto* theme = child<SegmentedControl>(page, "option.theme");
    QTest::mouseClick(theme, Qt::LeftButton, {}, theme->segmentRect("dark").center());
    QTest::mouseClick(child<Switch>(page, "option.reduced_motion"), Qt::LeftButton);
    auto* size = child<QLineEdit>(page, "option.text_size");
    size->selectAll();
    QTest::keyClicks(size, "120");
    QCOMPARE(fixture.settings.options().theme, "dark");
    QCOMPARE(fixture.settings.options().text_size, 120);
    QVERIFY(fixture.settings.options().reduced_motion);
    QVERIFY(changes >= 3);
    const Settings again(fixture.home);
    QCOMPARE(again.options().theme, "dark");
    QCOMPARE(again.options().text_size, 120);
    // Out of range: told, not taken.
    size->selectAll();
    QTest::keyClicks(size, "900");
    QCOMPARE(child<QLabel>(page, "problem.text_size")->text(), "Text size is 90 to 150.");
    QTest::mouseClick(child<QPushButton>(page, "reset.text_size"), Qt::LeftButton);
    QCOMPARE(fixture.settings.options().text_size, 100);
  }

  void aChangeElsewhereIsShown() {
    WindowFixture fixture;
    SettingsPage page(fixture.workbench);
    page.show();
    SettingsOptions options = fixture.settings.options();
    options.theme = "light";
    options.projects_folder = "/somewhere";
    fixture.settings.set(options);
    QCOMPARE(child<SegmentedControl>(page, "option.theme")->current(), "light");
    QVERIFY(child<QLabel>(page, "projectsFolderText")->text().contains("/somewhere"));
  }
};

LUTHIER_WINDOW_TEST_MAIN(SettingsTest)
#include "settings_test.moc"
