"""Given and family names from which the demo centre puts invented people together."""

GIVEN = (
    "Abena", "Adriana", "Aisha", "Alicia", "Amara", "Anh", "Anita", "Antonio", "Beatriz", "Ben", "Brianna", "Caleb", "Carla", "Chidi",
    "Claire", "Dalia", "Darnell", "Diego", "Elena", "Emeka", "Esther", "Farah", "Gabriel", "Grace", "Hana", "Hector", "Hoa", "Imani",
    "Ines", "Isaac", "Jada", "Jamal", "Jin", "Joel", "Joy", "Kaya", "Khanh", "Kofi", "Lan", "Leah", "Linh", "Lucia", "Malik",
    "Marisol", "Mateo", "Mei", "Minh", "Monique", "Nadia", "Naomi", "Nga", "Noah", "Oscar", "Paloma", "Paul", "Phuong", "Priya",
    "Quan", "Rahul", "Rosa", "Ruth", "Samir", "Sofia", "Tariq", "Teresa", "Thao", "Tomas", "Uma", "Vera", "Wendy", "Xavier", "Yara",
    "Zoe",
)

FAMILY = (
    "Abara", "Aguilar", "Ahmadi", "Alvarado", "Banerjee", "Barrow", "Begay", "Bui", "Calloway", "Castellan", "Chavira", "Dang",
    "Delgadillo", "Dinh", "Duarte", "Eastman", "Eze", "Farrow", "Fontenot", "Gaither", "Galvan", "Haddad", "Halvorsen", "Hinojosa",
    "Huynh", "Ibarra", "Jarrett", "Kapoor", "Kessler", "Lam", "Landry", "Lozano", "Luong", "Madrigal", "Mbeki", "Mercer", "Moreau",
    "Nakamura", "Nez", "Novak", "Obi", "Okafor", "Olvera", "Pacheco", "Pham", "Quintero", "Ramsey", "Redfern", "Rivas", "Salcedo",
    "Sandoval", "Shah", "Sorensen", "Tafoya", "Thibodeaux", "Tran", "Truong", "Udeh", "Vaziri", "Villareal", "Vo", "Walcott",
    "Whitmore", "Yamada", "Yazzie", "Zamora", "Zielinski",
)
