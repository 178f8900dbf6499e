#pragma once
// Colours, type and icons of the window: the tokens of resources/tokens.json for the theme that is in force, the style
// sheet made from them, and fonts in the text size that the user chose.
#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPixmap>
#include <QString>

class QApplication;
class QWidget;

namespace luthier {

enum class ThemeChoice { system, light, dark };

/// One colour a token; the same names as in tokens.json.
struct Tokens {
  QColor chrome, page, surface, fill, fillStrong, line, lineStrong, textPrimary, textSecondary, textTertiary,
      textDisabled, accent, accentHover, accentText, onAccent, accentSoft, accentSoftLine, good, goodSoft, warning,
      warningLine, warningSoft, error, errorSoft, series1, series2, series3, series4, series5, series6, gridLine, scrim,
      tooltip, tooltipText;
  /// Chart series from 0 on, repeating after six; series 5 (the sixth) is to be drawn dashed.
  QColor series(int index) const;
};

enum class TextStyle { display, title, heading, body, label, small, caption, table, mono, monoCaption };

/// How the window looks; belongs to the application object and lives as long as it.
class Theme : public QObject {
  Q_OBJECT
 public:
  explicit Theme(QApplication& application);
  ~Theme() override;

  struct Look {
    ThemeChoice choice = ThemeChoice::system;
    double textScale = 1;  ///< 0.9 to 1.5
    bool highContrast = false;
    bool reducedMotion = false;
    bool operator==(const Look&) const = default;
  };
  void setLook(const Look& look);
  const Look& look() const { return look_; }
  bool dark() const { return dark_; }
  const Tokens& tokens() const { return tokens_; }

 Q_SIGNALS:
  /// Colours or sizes have changed: painted widgets repaint, icons are made anew.
  void changed();

 private:
  void apply();
  QApplication& application_;
  Look look_;
  bool dark_ = false;
  Tokens tokens_;
};

/// The application's theme, as QApplication::palette() is its palette.
Theme& theme();
/// The colours in force.
const Tokens& tokens();
/// A font of the type scale in the chosen text size.
QFont font(TextStyle style);
/// Pixels of the design in the chosen text size.
int scaled(int pixels);
/// An icon of resources/icons by name ("data"), drawn in `colour` (default: textSecondary; disabled: textDisabled).
QIcon icon(const QString& name, const QColor& colour = {});
QPixmap iconPixmap(const QString& name, const QColor& colour, int size, double devicePixelRatio);

}  // namespace luthier
