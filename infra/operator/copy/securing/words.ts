/** Invented or very common words that replacements are put together from. ASCII, so that they do in e-mail addresses too. */

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

export const givenNames = list(`
  Ada Adam Agnes Aiko Alba Alex Alma Amina Amir Ana Andre Anna Anton Aria Arun Astrid Aya Bela Ben Bianca Boris Bruno Carla
  Carlos Cem Chiara Clara Cleo Dana Daniel Daria David Dina Edda Eli Elif Elsa Emil Emma Enzo Erik Esra Eva Fatma Felix Femke
  Finn Flora Frida Gala Gino Greta Hana Hans Hugo Ida Ines Inga Iris Ivan Jana Jin Joao Jonas Jules Julia Kai Karin Karl Kira
  Lars Lea Lena Leo Lia Lina Lotte Luca Lucia Luis Maja Mara Marco Maria Marta Max Maya Mei Mia Mila Milan Mina Nadia Nils Nina
  Noah Nora Olga Omar Oscar Paula Pavel Petra Pia Rana Rita Robin Rosa Sam Sara Selma Sven Tara Tim Tom Ugo Uma Vera Vito Yara
  Yusuf Zoe`);

export const familyNames = list(`
  Abt Acker Adler Albers Alder Almeida Amberg Anders Aydin Bach Baker Banks Bauer Becker Bell Benoit Berg Bernard Bianchi Birk
  Blanc Blom Bosch Brandt Braun Brooks Bruun Carter Castro Chen Claes Clark Conti Costa Cruz Dahl Danz Decker Demir Denis Diaz
  Dijk Dubois Eder Egger Ellis Engel Evans Faber Falk Fischer Fontaine Foster Frank Fuchs Garcia Gatti Gerard Gomez Graf Gray
  Greco Gruber Haas Hall Hansen Harris Hartmann Heller Herman Hofer Holm Horn Huber Hughes Ito Jacobs Jansen Jensen Kaiser Kato
  Keller Kim Klein Koch Kovac Kramer Kruger Lambert Lang Larsen Lee Leroy Lind Lopez Lorenz Maes Mancini Marin Martin Mason
  Mayer Meyer Miller Moreau Moretti Mori Moser Muller Nagy Neumann Nguyen Nolan Noor Novak Nunes Okafor Olsen Ortiz Otto
  Palmer Parker Pastor Pauli Peeters Perez Peters Petit Pinto Popov Prado Quist Ramos Reed Reyes Ricci Richter Riley Rossi Roth
  Roux Ruiz Sand Santos Sato Sauer Schmid Serra Shah Silva Simon Singh Smit Sommer Stark Stein Stern Suzuki Tanaka Thiel Torres
  Unger Urban Vega Vidal Vogel Vos Wagner Walker Wang Weber Weiss Wolf Wood Wright Yamada Yilmaz Young Zeller Ziegler`);

export const trades = list(`
  Automation Bakery Builders Catering Chemicals Consulting Design Electric Energy Engineering Farms Foods Furniture Glass
  Hardware Instruments Interiors Logistics Machines Materials Metals Motors Optics Packaging Paper Partners Pharma Plastics
  Print Services Software Solar Studio Supplies Systems Textiles Timber Tools Trading Transport`);

export const streets = list(`
  Acacia Alder Ash Aspen Beech Birch Bridge Brook Castle Cedar Chapel Cherry Chestnut Church Cliff Clover Copper Cypress Dale
  Elder Elm Falcon Fern Field Forest Garden Grove Harbour Hazel Heath Heron Hill Holly Ivy Juniper Lake Larch Laurel Lime Linden
  Maple Market Meadow Mill Oak Olive Orchard Park Pine Poplar Quarry River Rose Rowan School Spring Station Stone Sycamore
  Tower Valley Walnut Willow Windmill Yew`);

export const cities = list(`
  Alderford Ashbury Aspendale Beechwood Birkholm Blackport Brookfield Castelle Cedarville Clearwater Copperhill Dunmore Eastham
  Elmstad Fairhaven Falkenau Fernhill Glenford Goldbach Grandval Greenport Hartwell Heathfield Highmoor Ivyton Kingsbrook
  Lakeside Larkstad Lindenau Longmere Maplewood Marlow Millbrook Monteverde Newhaven Northolm Oakdale Oldbridge Orchardville
  Pinecrest Porto-Novale Ravensburg Redcliff Riverdale Rosenau Saltmarsh Silverlake Southmoor Springdale Stonebridge Sunnyvale
  Tannenberg Thornbury Valdoro Waldheim Westport Whitby Willowdale Windhaven Woodstock`);
