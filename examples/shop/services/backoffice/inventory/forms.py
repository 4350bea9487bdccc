"""Forms of the pages outside the admin."""

from django import forms

from inventory.models import Article, Movement, Warehouse


class MovementForm(forms.ModelForm):
    class Meta:
        model = Movement
        fields = ["article", "source", "target", "pieces", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def clean_pieces(self):
        pieces = self.cleaned_data["pieces"]
        if pieces == 0:
            raise forms.ValidationError("nothing would move")
        return pieces


class CountForm(forms.Form):
    warehouse = forms.ModelChoiceField(Warehouse.objects.all())
    article = forms.ModelChoiceField(Article.objects.all())
    counted = forms.IntegerField(min_value=0)
