"""Where the demo's people live: names that fit together, cities, words for companies."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Country:
    """A country; `offset` is its hours ahead of UTC, `trades` one company word an industry."""

    name: str
    offset: float
    weight: int
    phone: str
    cities: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]
    stems: tuple[str, ...]
    trades: tuple[str, ...]
    suffixes: tuple[str, ...]


INDUSTRIES = (
    "Heating and cooling",
    "Elevators",
    "Facility management",
    "Solar installation",
    "Fire safety",
    "Water treatment",
    "Telecom installation",
    "Medical equipment service",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


_ENGLISH = _words("Climate Lifts Facilities Solar Fire_Safety Water Networks Medical")

COUNTRIES = (
    Country(
        "United States",
        -5,
        22,
        "+1 555 01",
        _words("Columbus Denver Charlotte Tampa Kansas_City Sacramento Milwaukee"),
        _words(
            "Emily Marcus Dana Tyler Alicia Brian Monica Kevin Renee Jamal Paula Derek Holly "
            "Victor Naomi Grant Carla Wesley Tara Andre"
        ),
        _words(
            "Whitfield Ramirez Coleman Novak Jennings Boyd Hutchins Delgado Parrish Lowry Tran "
            "Mercer Singleton Kaminski Fields Osborne Pruitt Vance Albright Guthrie"
        ),
        _words(
            "Ridgeline Copperfield Lakeshore Tri-County Summit Bluebonnet Ironwood Redwing "
            "Clearwater Prairie Cascade Pinnacle Harborview Stonebridge Westgate Blackhawk"
        ),
        _ENGLISH,
        _words("Inc. LLC Group Services"),
    ),
    Country(
        "United Kingdom",
        0,
        16,
        "+44 1632 96",
        _words("Leeds Bristol Reading Glasgow Cardiff Norwich Sheffield"),
        _words(
            "Oliver Gemma Rhys Amara Stuart Fiona Callum Priya Nigel Bethan Adrian Zoe Hamish "
            "Leanne Duncan Isla Martin Chloe Graham Yasmin"
        ),
        _words(
            "Hargreaves Pemberton Llewellyn Adeyemi McAllister Barlow Thornton Kapoor Whittaker "
            "Frost Ogden Sinclair Prescott Bains Ridley Munro Fairclough Dunne Holt Abbott"
        ),
        _words(
            "Kingsmead Ashbourne Pennine Severn Fairholme Wexford Northgate Meridian Oakhurst "
            "Thameside Highfield Castleton Moorland Brackley Stanmore Calder"
        ),
        _ENGLISH,
        _words("Ltd Group plc"),
    ),
    Country(
        "Germany",
        1,
        16,
        "+49 30 2312",
        _words("Berlin Leipzig Nürnberg Kassel Bremen Augsburg Dortmund"),
        _words(
            "Jürgen Anke Tobias Katrin Matthias Sabine Florian Ute Sören Heike Björn Silke Ralf "
            "Jana Uwe Miriam Holger Nadine Lukas Britta"
        ),
        _words(
            "Schäfer Köhler Brandt Vogel Größler Lindner Böhm Krüger Winkler Hartwig Reuter "
            "Jäger Pohl Seifert Dietrich Engel Müntz Kessler Thiele Arnold"
        ),
        _words(
            "Nordlicht Bergmann Hansa Rheintal Elbwerk Sachsenland Isar Heidekamp Althoff Werra "
            "Kronberg Spreebogen Harz Odenwald Lahn Wendland"
        ),
        _words(
            "Kältetechnik Aufzüge Gebäudedienste Solar Brandschutz Wasser Netzbau Medizintechnik"
        ),
        _words("GmbH AG KG"),
    ),
    Country(
        "France",
        1,
        11,
        "+33 1 99 00",
        _words("Lyon Nantes Lille Toulouse Rennes Grenoble"),
        _words(
            "Hélène Julien Aurélie Benoît Céline Thierry Élodie Rémi Nathalie Gaël Sandrine Loïc "
            "Maëlle Fabrice Anaïs Stéphane Margaux Cédric Solène Yann"
        ),
        _words(
            "Lefèvre Marchand Girard Béranger Rousselot Chevalier Garnier Perrin Dufresne "
            "Lacombe Moulin Besson Renaud Vasseur Pélissier Colin Guérin Texier Blanchet Fournel"
        ),
        _words(
            "Armor Lémanic Rhône Valmont Sequoia Beaulieu Clairval Horizon Montclar Oriol Garonne "
            "Belfontaine Mistral Vercors Estérel Cévennes"
        ),
        _words(
            "Climatique Ascenseurs Maintenance Solaire Sécurité_Incendie Eaux Réseaux Biomédical"
        ),
        _words("SAS SARL Groupe"),
    ),
    Country(
        "Netherlands",
        1,
        9,
        "+31 85 130",
        _words("Utrecht Eindhoven Zwolle Breda Groningen Arnhem"),
        _words(
            "Sanne Jeroen Marloes Bas Femke Wouter Anouk Sjoerd Lotte Ruben Ilse Koen Maaike Tijs "
            "Esther Niels Roos Gijs Carlijn Daan"
        ),
        _words(
            "de_Vries Bakker van_Dijk Hoekstra Kuipers Mulder Postma Verhoeven Smits Brouwer "
            "van_Leeuwen Dekker Jansma Vermeer Kok Wiersma Peters Scholten Blom Veenstra"
        ),
        _words(
            "Polder Zuiderzee Maasland Veluwe Noorderlicht Delta Hanze IJssel Duinrand Kempen "
            "Waalstad Drenthe Betuwe Amstel Twente Vecht"
        ),
        _words("Klimaat Liften Facilitair Zonne-energie Brandveilig Water Netwerk Medisch"),
        _words("BV Groep"),
    ),
    Country(
        "Sweden",
        1,
        7,
        "+46 8 5580",
        _words("Göteborg Uppsala Malmö Västerås Linköping"),
        _words(
            "Åsa Henrik Malin Göran Frida Mattias Linnéa Jörgen Ebba Rasmus Karin Oskar Sofia "
            "Niklas Ylva Emil Helena Viktor Maja Anders"
        ),
        _words(
            "Lindström Åkesson Nyberg Sjöberg Hallgren Öberg Ström Ekdahl Wallin Fredriksson "
            "Hägg Dahl Löfgren Berglund Norén Sandell Björk Melin Rosén Tånnander"
        ),
        _words(
            "Mälar Norrsken Vättern Östkust Skärgård Höga Bohus Tärna Fjäll Kattegatt Siljan "
            "Dalarö Kullen Gotska Ångerman Lappvik"
        ),
        _words("Kyla Hiss Fastighet Solkraft Brandskydd Vatten Nät Medicinteknik"),
        _words("AB Gruppen"),
    ),
    Country(
        "Spain",
        1,
        7,
        "+34 910 60",
        _words("Zaragoza Valencia Sevilla Bilbao Murcia"),
        _words(
            "Lucía Íñigo Marta Álvaro Noelia Rubén Begoña Óscar Pilar Iván Rocío Adrián Nuria "
            "Gonzalo Inés Raúl Elena Jordi Amaya Sergio"
        ),
        _words(
            "Ibáñez Ferrer Castaño Núñez Arrieta Gálvez Soler Echeverría Pardo Muñoz Lozano "
            "Cárdenas Rey Bravo Sáez Montoro Vidal Quiroga León Peñalver"
        ),
        _words(
            "Ebro Levante Sierra Alcázar Duero Miramar Almenara Cantábrica Tajo Guadiana Montaña "
            "Ribera Aljarafe Moncayo Atalaya Segura"
        ),
        _words("Clima Ascensores Servicios Solar Contraincendios Aguas Redes Electromedicina"),
        _words("S.L. S.A."),
    ),
    Country(
        "Poland",
        1,
        6,
        "+48 22 390",
        _words("Wrocław Poznań Łódź Kraków Gdańsk"),
        _words(
            "Agnieszka Paweł Małgorzata Łukasz Joanna Rafał Beata Grzegorz Ewa Michał Iwona "
            "Tomasz Żaneta Krzysztof Dorota Wojciech Alicja Kamil Zofia Bartosz"
        ),
        _words(
            "Zając Wójcik Sikora Baran Król Wrona Górka Pawlak Michalak Szulc Maślak Kubiak Wilk "
            "Lis Mazur Kaczmarek Cieślak Bąk Duda Gajda"
        ),
        _words(
            "Bałtyk Wisła Karpaty Mazowia Tatra Odra Bug Sudety Warta Pilica Noteć Podlasie Kujawy "
            "Roztocze Beskid Narew"
        ),
        _words("Chłodnictwo Windy Serwis Solar Ochrona_PPOŻ Wodociągi Sieci Medyczne"),
        _words("Sp._z_o.o. S.A."),
    ),
    Country(
        "Brazil",
        -3,
        6,
        "+55 11 5550",
        _words("Curitiba Campinas Recife Joinville Goiânia"),
        _words(
            "João Fernanda Thiago Patrícia Márcio Letícia César Bianca Antônio Débora Vinícius "
            "Luana Renato Sílvia Caio Heloísa Otávio Camila Flávio Raíssa"
        ),
        _words(
            "Araújo Conceição Magalhães Siqueira Brandão Teixeira Nogueira Falcão Guimarães "
            "Assunção Pacheco Moraes Fagundes Queirós Leão Barcelos Coutinho Rezende Vilela "
            "Simões"
        ),
        _words(
            "Planalto Iguaçu Ipê Serra_Azul Aroeira Pampa Tietê Jacarandá Paraná Caatinga "
            "Araucária Litoral Cerrado Maré Taquari Guarani"
        ),
        _words("Climatização Elevadores Facilities Solar Segurança Saneamento Redes Hospitalar"),
        _words("Ltda S.A."),
    ),
    Country(
        "India",
        5.5,
        7,
        "+91 80 4718",
        _words("Pune Bengaluru Chennai Hyderabad Kochi"),
        _words(
            "Ananya Rohit Meera Sandeep Kavita Arjun Lakshmi Vikram Nisha Suresh Divya Karthik "
            "Pooja Harish Shreya Manoj Geeta Nikhil Farah Imran"
        ),
        _words(
            "Iyer Deshpande Menon Kulkarni Bhat Chatterjee Nair Reddy Joshi Pillai Sharma "
            "Banerjee Patil Qureshi Rao Thomas Gokhale Sethi Varghese Dutta"
        ),
        _words(
            "Sahyadri Deccan Kaveri Nilgiri Konkan Malabar Godavari Vindhya Coromandel Aravalli "
            "Narmada Indus Periyar Kalinga Tungabhadra Mahanadi"
        ),
        _ENGLISH,
        _words("Pvt_Ltd Industries Services"),
    ),
)


def any_country(rng: Random) -> Country:
    """A country, the larger markets more often."""
    return rng.choices(COUNTRIES, weights=[place.weight for place in COUNTRIES])[0]


def named(name: str) -> Country:
    """The country of this name."""
    return next(place for place in COUNTRIES if place.name == name)
