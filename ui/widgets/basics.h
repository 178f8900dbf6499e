#pragma once
// The small parts that every page is made of: labels, buttons, cards, lines, chips. Each takes its look from the style
// sheet by properties and its font from the type scale.
#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QString>

#include "theme/theme.h"

class QBoxLayout;
class QHBoxLayout;
class QVBoxLayout;

namespace luthier {

/// The colour of a text: "" textPrimary, or secondary tertiary disabled accent good warning error.
QLabel* makeLabel(const QString& text, TextStyle style = TextStyle::body, const char* tone = "",
                  QWidget* parent = nullptr);
/// The same, wrapping over several lines.
QLabel* makeText(const QString& text, TextStyle style = TextStyle::body, const char* tone = "secondary",
                 QWidget* parent = nullptr);
void setTone(QLabel* label, const char* tone);
/// `tone`: neutral accent good warning error outline.
QLabel* makeChip(const QString& text, const char* tone = "neutral", QWidget* parent = nullptr);
void setChip(QLabel* chip, const QString& text, const char* tone);

/// `kind`: "" (default), primary, quiet, danger, link. `name` is the object name (and accessible name: the text).
QPushButton* makeButton(const QString& text, const QString& name, const char* kind = "", QWidget* parent = nullptr);
/// A button of 24 pixels.
QPushButton* makeSmallButton(const QString& text, const QString& name, const char* kind = "",
                             QWidget* parent = nullptr);
/// A button of 20 pixels, for rows.
QPushButton* makeFixButton(const QString& text, const QString& name, QWidget* parent = nullptr);
/// A square button with an icon alone; `what` is its accessible name and tooltip.
QPushButton* makeIconButton(const QString& iconName, const QString& what, const QString& name,
                            QWidget* parent = nullptr);
/// Enables, or disables with the reason as tooltip.
void setEnabledBecause(QWidget* widget, bool enabled, const QString& reason);

QFrame* makeLine(Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);
/// Layouts without margins.
QVBoxLayout* makeColumn(int spacing, QWidget* owner = nullptr);
QHBoxLayout* makeRow(int spacing, QWidget* owner = nullptr);
/// Removes and deletes all widgets and layouts in a layout.
void clearLayout(class QLayout* layout);
/// Sets a style property and has the style sheet looked at again.
void setLookProperty(QWidget* widget, const char* property, const QVariant& value);

/// A surface with a border and, when `title` is not empty, a header row of 36 pixels.
class Card : public QFrame {
  Q_OBJECT
 public:
  explicit Card(const QString& title = {}, QWidget* parent = nullptr);
  /// Left of the header after the title; right aligned widgets are added at its end.
  QHBoxLayout* header() const { return header_; }
  QLabel* title() const { return title_; }
  QLabel* subtitle() const { return subtitle_; }
  QVBoxLayout* body() const { return body_; }

 private:
  QHBoxLayout* header_ = nullptr;
  QLabel *title_ = nullptr, *subtitle_ = nullptr;
  QVBoxLayout* body_;
};

/// One line that ends in "…" where it does not fit; the whole text is its tooltip then.
class ElidedLabel : public QLabel {
  Q_OBJECT
 public:
  explicit ElidedLabel(const QString& text = {}, Qt::TextElideMode mode = Qt::ElideRight, QWidget* parent = nullptr);
  void setFullText(const QString& text);
  QString fullText() const { return full_; }
  QSize minimumSizeHint() const override;
  QSize sizeHint() const override;

 protected:
  void resizeEvent(QResizeEvent*) override;

 private:
  void elide();
  QString full_;
  Qt::TextElideMode mode_;
};

}  // namespace luthier
